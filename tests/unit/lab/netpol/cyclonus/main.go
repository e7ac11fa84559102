// Writes the test cases of cyclonus, each step with the cluster's state after it and what its own matcher lets through.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"github.com/mattfenwick/cyclonus/pkg/generator"
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

type pod struct {
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Labels    map[string]string `json:"labels"`
	IP        string            `json:"ip"`
}

type object struct {
	Metadata map[string]string              `json:"metadata"`
	Spec     networkingv1.NetworkPolicySpec `json:"spec"`
}

type step struct {
	Namespaces map[string]map[string]string `json:"namespaces,omitempty"`
	Pods       []pod                        `json:"pods,omitempty"`
	Policies   []object                     `json:"policies"`
	Allowed    string                       `json:"allowed"`
}

type testCase struct {
	What  string   `json:"what"`
	Tags  []string `json:"tags"`
	Steps []step   `json:"steps"`
}

var ports = []int{80, 81}
var protocols = []v1.Protocol{v1.ProtocolTCP, v1.ProtocolUDP, v1.ProtocolSCTP}

type state struct {
	namespaces map[string]map[string]string
	pods       []pod
	policies   []*networkingv1.NetworkPolicy
	next       int
}

func initial() *state {
	s := &state{namespaces: map[string]map[string]string{}, next: 2}
	for _, ns := range []string{"x", "y", "z"} {
		s.label(ns, map[string]string{"ns": ns})
		for _, name := range []string{"a", "b", "c"} {
			s.add(ns, name, map[string]string{"pod": name})
		}
	}
	return s
}

// As the API server does.
func (s *state) label(ns string, labels map[string]string) {
	all := map[string]string{"kubernetes.io/metadata.name": ns}
	for k, v := range labels {
		all[k] = v
	}
	s.namespaces[ns] = all
}

func (s *state) add(ns, name string, labels map[string]string) {
	s.pods = append(s.pods, pod{ns, name, labels, fmt.Sprintf("10.244.0.%d", s.next)})
	s.next++
}

func (s *state) without(ns, name string) {
	var left []pod
	for _, p := range s.pods {
		if !(p.Namespace == ns && (name == "" || p.Name == name)) {
			left = append(left, p)
		}
	}
	s.pods = left
}

func (s *state) act(a *generator.Action) {
	switch {
	case a.CreatePolicy != nil:
		s.policies = append(s.policies, a.CreatePolicy.Policy)
	case a.UpdatePolicy != nil:
		for i, p := range s.policies {
			if p.Namespace == a.UpdatePolicy.Policy.Namespace && p.Name == a.UpdatePolicy.Policy.Name {
				s.policies[i] = a.UpdatePolicy.Policy
			}
		}
	case a.DeletePolicy != nil:
		var left []*networkingv1.NetworkPolicy
		for _, p := range s.policies {
			if !(p.Namespace == a.DeletePolicy.Namespace && p.Name == a.DeletePolicy.Name) {
				left = append(left, p)
			}
		}
		s.policies = left
	case a.CreateNamespace != nil:
		s.label(a.CreateNamespace.Namespace, a.CreateNamespace.Labels)
	case a.SetNamespaceLabels != nil:
		s.label(a.SetNamespaceLabels.Namespace, a.SetNamespaceLabels.Labels)
	case a.DeleteNamespace != nil:
		delete(s.namespaces, a.DeleteNamespace.Namespace)
		s.without(a.DeleteNamespace.Namespace, "")
	case a.CreatePod != nil:
		s.add(a.CreatePod.Namespace, a.CreatePod.Pod, a.CreatePod.Labels)
	case a.SetPodLabels != nil:
		for i, p := range s.pods {
			if p.Namespace == a.SetPodLabels.Namespace && p.Name == a.SetPodLabels.Pod {
				s.pods[i].Labels = a.SetPodLabels.Labels
			}
		}
	case a.DeletePod != nil:
		s.without(a.DeletePod.Namespace, a.DeletePod.Pod)
	case a.ReadNetworkPolicies != nil:
	default:
		panic("unknown action")
	}
}

func (s *state) peer(p pod) *matcher.TrafficPeer {
	return &matcher.TrafficPeer{IP: p.IP, Internal: &matcher.InternalPeer{PodLabels: p.Labels, NamespaceLabels: s.namespaces[p.Namespace], Namespace: p.Namespace}}
}

func (s *state) snapshot(withWorld bool) step {
	built := matcher.BuildNetworkPolicies(false, s.policies)
	var bits []byte
	n := 0
	for _, from := range s.pods {
		for _, to := range s.pods {
			for _, port := range ports {
				for _, protocol := range protocols {
					if n%8 == 0 {
						bits = append(bits, 0)
					}
					name := fmt.Sprintf("serve-%d-%s", port, map[v1.Protocol]string{v1.ProtocolTCP: "tcp", v1.ProtocolUDP: "udp", v1.ProtocolSCTP: "sctp"}[protocol])
					t := &matcher.Traffic{Source: s.peer(from), Destination: s.peer(to), ResolvedPort: port, ResolvedPortName: name, Protocol: protocol}
					if built.IsTrafficAllowed(t).IsAllowed() {
						bits[n/8] |= 1 << (n % 8)
					}
					n++
				}
			}
		}
	}
	out := step{Policies: []object{}, Allowed: base64.StdEncoding.EncodeToString(bits)}
	for _, p := range s.policies {
		out.Policies = append(out.Policies, object{map[string]string{"namespace": p.Namespace, "name": p.Name}, p.Spec})
	}
	if withWorld {
		out.Namespaces = map[string]map[string]string{}
		for ns, labels := range s.namespaces {
			out.Namespaces[ns] = labels
		}
		out.Pods = append([]pod{}, s.pods...)
	}
	return out
}

func main() {
	var cases []testCase
	var zc string
	for _, p := range initial().pods {
		if p.Namespace == "z" && p.Name == "c" {
			zc = p.IP
		}
	}
	g := generator.NewTestCaseGenerator(false, zc, []string{"x", "y", "z"}, nil, nil)
	for _, c := range g.GenerateAllTestCases() {
		s := initial()
		out := testCase{What: c.Description, Tags: c.Tags.Keys()}
		sort.Strings(out.Tags)
		changed := false
		for _, st := range c.Steps {
			for _, a := range st.Actions {
				s.act(a)
				changed = changed || (a.CreatePolicy == nil && a.UpdatePolicy == nil && a.DeletePolicy == nil && a.ReadNetworkPolicies == nil)
			}
			out.Steps = append(out.Steps, s.snapshot(changed))
		}
		cases = append(cases, out)
	}
	world := initial().snapshot(true)
	b, err := json.Marshal(map[string]any{"namespaces": world.Namespaces, "pods": world.Pods, "ports": ports, "protocols": protocols, "cases": cases})
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(b)
}
