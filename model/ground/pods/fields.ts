/**
 * Fields of a pod's spec and of all that is in it, by the names of Kubernetes' types. Behind each field is what it takes:
 * `text`, `number`, `truth`, `scalar` (a number or a text, as a port or a quantity), `texts` and `scalars` (sets of such),
 * `any`, or another type; `[]` for a list, `!` for what has to be there.
 *
 * Source: Kubernetes' API, core/v1, as of 1.36; tests hold it against what `@pulumi/kubernetes` declares.
 */
const table: Readonly<Record<string, string>> = {
  PodSpec:
    "activeDeadlineSeconds:number affinity:Affinity automountServiceAccountToken:truth containers:Container[]! " +
    "dnsConfig:PodDNSConfig dnsPolicy:text enableServiceLinks:truth ephemeralContainers:any evictionResponders:any[] " +
    "hostAliases:HostAlias[] hostIPC:truth hostNetwork:truth hostPID:truth hostUsers:truth hostname:text " +
    "hostnameOverride:text imagePullSecrets:Reference[] initContainers:Container[] nodeName:text nodeSelector:texts " +
    "os:PodOS overhead:scalars preemptionPolicy:text priority:number priorityClassName:text " +
    "readinessGates:PodReadinessGate[] resourceClaims:PodResourceClaim[] resources:ResourceRequirements " +
    "restartPolicy:text runtimeClassName:text schedulerName:text schedulingGates:Reference[] " +
    "schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:text serviceAccountName:text " +
    "setHostnameAsFQDN:truth shareProcessNamespace:truth subdomain:text terminationGracePeriodSeconds:number " +
    "tolerations:Toleration[] topologySpreadConstraints:TopologySpreadConstraint[] volumes:Volume[] " +
    "workloadRef:WorkloadReference",
  Container:
    "args:text[] command:text[] env:EnvVar[] envFrom:EnvFromSource[] image:text! imagePullPolicy:text " +
    "lifecycle:Lifecycle livenessProbe:Probe name:text! ports:ContainerPort[] readinessProbe:Probe " +
    "resizePolicy:ContainerResizePolicy[] resources:ResourceRequirements restartPolicy:text " +
    "restartPolicyRules:ContainerRestartRule[] securityContext:SecurityContext startupProbe:Probe stdin:truth " +
    "stdinOnce:truth terminationMessagePath:text terminationMessagePolicy:text tty:truth volumeDevices:VolumeDevice[] " +
    "volumeMounts:VolumeMount[] workingDir:text",

  EnvVar: "name:text! value:text valueFrom:EnvVarSource",
  EnvVarSource:
    "configMapKeyRef:KeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector " +
    "resourceFieldRef:ResourceFieldSelector secretKeyRef:KeySelector",
  KeySelector: "key:text! name:text optional:truth",
  ObjectFieldSelector: "apiVersion:text fieldPath:text!",
  FileKeySelector: "key:text! optional:truth path:text! volumeName:text!",
  ResourceFieldSelector: "containerName:text divisor:scalar resource:text!",
  EnvFromSource: "configMapRef:OptionalReference prefix:text secretRef:OptionalReference",
  OptionalReference: "name:text optional:truth",
  Reference: "name:text",

  Lifecycle: "postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:text",
  LifecycleHandler: "exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction",
  Probe:
    "exec:ExecAction failureThreshold:number grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:number " +
    "periodSeconds:number successThreshold:number tcpSocket:TCPSocketAction terminationGracePeriodSeconds:number " +
    "timeoutSeconds:number",
  ExecAction: "command:text[]",
  HTTPGetAction: "host:text httpHeaders:HTTPHeader[] path:text port:scalar! protocol:text scheme:text",
  HTTPHeader: "name:text! value:text",
  SleepAction: "seconds:number!",
  TCPSocketAction: "host:text port:scalar!",
  GRPCAction: "mode:text port:number! service:text",

  ContainerPort: "containerPort:number! hostIP:text hostPort:number name:text protocol:text",
  ContainerResizePolicy: "resourceName:text! restartPolicy:text!",
  ContainerRestartRule: "action:text! exitCodes:ContainerRestartRuleOnExitCodes",
  ContainerRestartRuleOnExitCodes: "operator:text! values:number[]",
  ResourceRequirements: "claims:ResourceClaim[] limits:scalars requests:scalars",
  ResourceClaim: "name:text! request:text",
  PodResourceClaim: "name:text! resourceClaimName:text resourceClaimTemplateName:text source:any",

  SecurityContext:
    "allowPrivilegeEscalation:truth appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:truth " +
    "procMount:text readOnlyRootFilesystem:truth runAsGroup:number runAsNonRoot:truth runAsUser:number " +
    "seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions",
  PodSecurityContext:
    "appArmorProfile:AppArmorProfile fsGroup:number fsGroupChangePolicy:text runAsGroup:number runAsNonRoot:truth " +
    "runAsUser:number seLinuxChangePolicy:text seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile " +
    "supplementalGroups:number[] supplementalGroupsPolicy:text sysctls:Sysctl[] " +
    "windowsOptions:WindowsSecurityContextOptions",
  AppArmorProfile: "localhostProfile:text type:text!",
  Capabilities: "add:text[] drop:text[]",
  SELinuxOptions: "level:text role:text type:text user:text",
  SeccompProfile: "localhostProfile:text type:text!",
  Sysctl: "name:text! value:text",
  WindowsSecurityContextOptions:
    "gmsaCredentialSpec:text gmsaCredentialSpecName:text hostProcess:truth runAsUserName:text",

  VolumeDevice: "devicePath:text! name:text!",
  VolumeMount:
    "bindMountOptions:text[] mountPath:text! mountPropagation:text name:text! readOnly:truth recursiveReadOnly:text " +
    "subPath:text subPathExpr:text",
  // Of volumes those that the guard lets be: it says why it refuses others.
  Volume:
    "configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource " +
    "emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource image:ImageVolumeSource name:text! " +
    "persistentVolumeClaim:PersistentVolumeClaimVolumeSource projected:ProjectedVolumeSource secret:SecretVolumeSource",
  ConfigMapVolumeSource: "defaultMode:number defaultUser:number items:KeyToPath[] name:text optional:truth",
  SecretVolumeSource: "defaultMode:number defaultUser:number items:KeyToPath[] optional:truth secretName:text",
  KeyToPath: "key:text! mode:number path:text! user:number",
  CSIVolumeSource: "driver:text! fsType:text nodePublishSecretRef:Reference readOnly:truth volumeAttributes:texts",
  DownwardAPIVolumeSource: "defaultMode:number defaultUser:number items:DownwardAPIVolumeFile[]",
  DownwardAPIVolumeFile:
    "fieldRef:ObjectFieldSelector mode:number path:text! resourceFieldRef:ResourceFieldSelector user:number",
  EmptyDirVolumeSource: "medium:text mode:number sizeLimit:scalar",
  EphemeralVolumeSource: "readOnly:truth volumeClaimTemplate:any",
  ImageVolumeSource: "pullPolicy:text reference:text",
  PersistentVolumeClaimVolumeSource: "claimName:text! readOnly:truth",
  ProjectedVolumeSource: "defaultMode:number defaultUser:number sources:VolumeProjection[]",
  VolumeProjection:
    "clusterTrustBundle:ClusterTrustBundleProjection configMap:Projection downwardAPI:DownwardAPIProjection " +
    "podCertificate:PodCertificateProjection secret:Projection serviceAccountToken:ServiceAccountTokenProjection",
  ClusterTrustBundleProjection:
    "labelSelector:LabelSelector name:text optional:truth path:text! signerName:text user:number",
  Projection: "items:KeyToPath[] name:text optional:truth",
  DownwardAPIProjection: "items:DownwardAPIVolumeFile[]",
  PodCertificateProjection:
    "certificateChainPath:text credentialBundlePath:text keyPath:text keyType:text! maxExpirationSeconds:number " +
    "signerName:text! user:number userAnnotations:texts",
  ServiceAccountTokenProjection: "audience:text expirationSeconds:number path:text! user:number",

  PodDNSConfig: "nameservers:text[] options:PodDNSConfigOption[] searches:text[]",
  PodDNSConfigOption: "name:text value:text",
  HostAlias: "hostnames:text[] ip:text!",
  PodOS: "name:text!",
  PodReadinessGate: "conditionType:text!",
  PodSchedulingGroup: "podGroupName:text",
  WorkloadReference: "name:text! podGroup:text! podGroupReplicaKey:text",

  Toleration: "effect:text key:text operator:text tolerationSeconds:number value:text",
  TopologySpreadConstraint:
    "labelSelector:LabelSelector matchLabelKeys:text[] maxSkew:number! minDomains:number nodeAffinityPolicy:text " +
    "nodeTaintsPolicy:text topologyKey:text! whenUnsatisfiable:text!",
  Affinity: "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAffinity",
  NodeAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[] " +
    "requiredDuringSchedulingIgnoredDuringExecution:NodeSelector",
  PreferredSchedulingTerm: "preference:NodeSelectorTerm! weight:number!",
  NodeSelector: "nodeSelectorTerms:NodeSelectorTerm[]!",
  NodeSelectorTerm: "matchExpressions:Requirement[] matchFields:Requirement[]",
  Requirement: "key:text! operator:text! values:text[]",
  PodAffinity:
    "preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[] " +
    "requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]",
  WeightedPodAffinityTerm: "podAffinityTerm:PodAffinityTerm! weight:number!",
  PodAffinityTerm:
    "labelSelector:LabelSelector matchLabelKeys:text[] mismatchLabelKeys:text[] namespaceSelector:LabelSelector " +
    "namespaces:text[] topologyKey:text!",
  LabelSelector: "matchExpressions:Requirement[] matchLabels:texts",
};

/** What a field takes. */
export interface Field {
  /** `text`, `number`, `truth`, `scalar`, `texts`, `scalars`, `any`, or a key of `fieldsOfType`. */
  takes: string;
  isList: boolean;
  isRequired: boolean;
}

/** The fields of each type. */
export const fieldsOfType: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map(
  Object.entries(table).map(([type, fields]) => [type, new Map(fields.split(" ").map(fieldOf))]),
);

function fieldOf(written: string): [string, Field] {
  const [, name, takes, list, required] = /^(\w+):(\w+)(\[\])?(!)?$/.exec(written)!;
  return [name!, { takes: takes!, isList: list !== undefined, isRequired: required !== undefined }];
}
