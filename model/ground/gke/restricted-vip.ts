/** Where Google's APIs are reached without a way out, those alone that VPC Service Controls can guard. */
export const restrictedVip = {
  range: "199.36.153.4/30",
  addresses: ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"],
};
