import { dnsCapture, proxyConfigAnnotation } from "../ground/pods/proxy-config";

/** What pods of a workload need that is granted other ports than 80 and 443; a clause without a full stop. */
export const needsDnsCapture =
  `need the annotation ${proxyConfigAnnotation} with ${dnsCapture}: "true" under proxyMetadata, ` +
  "or hosts on one port are taken for one another";
