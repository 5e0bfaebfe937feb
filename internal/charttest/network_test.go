package charttest

import (
	"maps"
	"net/netip"
	"slices"
	"testing"
)

type selector struct {
	MatchLabels      map[string]string
	MatchExpressions []any
}

// matches is for matchLabels, which is all that the chart writes.
func (s *selector) matches(t *testing.T, labels map[string]string) bool {
	t.Helper()
	if len(s.MatchExpressions) > 0 {
		t.Fatal("the test knows no matchExpressions")
	}
	for key, value := range s.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	return true
}

type peerRule struct {
	PodSelector, NamespaceSelector *selector
	IPBlock                        *struct {
		CIDR   string
		Except []string
	} `json:"ipBlock"`
}

type policy struct {
	name string
	Spec struct {
		PodSelector selector
		PolicyTypes []string
		Ingress     []struct {
			From  *[]peerRule
			Ports []struct{ Port int }
		}
		Egress []struct {
			To    *[]peerRule
			Ports []struct{ Port int }
		}
	}
}

// endpoint is one side of a connection.
type endpoint struct {
	namespace string
	labels    map[string]string
	address   string // of what is no pod
}

func (p peerRule) is(t *testing.T, own string, e endpoint) bool {
	t.Helper()
	if p.IPBlock != nil {
		if e.address == "" {
			return false
		}
		at := netip.MustParseAddr(e.address)
		for _, except := range p.IPBlock.Except {
			if netip.MustParsePrefix(except).Contains(at) {
				return false
			}
		}
		return netip.MustParsePrefix(p.IPBlock.CIDR).Contains(at)
	}
	if e.address != "" {
		return false
	}
	if p.NamespaceSelector != nil {
		if !p.NamespaceSelector.matches(t, map[string]string{"kubernetes.io/metadata.name": e.namespace}) {
			return false
		}
	} else if e.namespace != own {
		return false
	}
	return p.PodSelector == nil || p.PodSelector.matches(t, e.labels)
}

func anyOf(t *testing.T, peers *[]peerRule, own string, e endpoint) bool {
	t.Helper()
	if peers == nil || len(*peers) == 0 {
		return true
	}
	return slices.ContainsFunc(*peers, func(p peerRule) bool { return p.is(t, own, e) })
}

// policies are evaluated as a plugin does: a pod that no policy selects takes everything, else what any of them allows.
func policies(t *testing.T, s set) []policy {
	t.Helper()
	var out []policy
	for _, o := range s.kind("NetworkPolicy") {
		p := policy{name: o.Metadata.Name}
		o.into(t, &p)
		out = append(out, p)
	}
	return out
}

func enters(t *testing.T, all []policy, to map[string]string, from endpoint, port int) bool {
	t.Helper()
	selected := false
	for _, p := range all {
		if !p.Spec.PodSelector.matches(t, to) || !slices.Contains(p.Spec.PolicyTypes, "Ingress") {
			continue
		}
		selected = true
		for _, rule := range p.Spec.Ingress {
			for _, q := range rule.Ports {
				if q.Port == port && anyOf(t, rule.From, "identityd", from) {
					return true
				}
			}
		}
	}
	return !selected
}

func leaves(t *testing.T, all []policy, from map[string]string, to endpoint, port int) bool {
	t.Helper()
	selected := false
	for _, p := range all {
		if !p.Spec.PodSelector.matches(t, from) || !slices.Contains(p.Spec.PolicyTypes, "Egress") {
			continue
		}
		selected = true
		for _, rule := range p.Spec.Egress {
			for _, q := range rule.Ports {
				if q.Port == port && anyOf(t, rule.To, "identityd", to) {
					return true
				}
			}
		}
	}
	return !selected
}

// podLabels are those that the pods of a set have.
func podLabels(t *testing.T, o object) map[string]string {
	t.Helper()
	var v struct {
		Spec struct {
			Template struct {
				Metadata struct{ Labels map[string]string }
			}
		}
	}
	o.into(t, &v)
	return v.Spec.Template.Metadata.Labels
}

func TestAdminAndOpsPortsAreKeptIn(t *testing.T) {
	somebody := map[string]endpoint{
		"a pod beside it":               {namespace: "identityd", labels: map[string]string{"app": "other"}},
		"a pod of the default space":    {namespace: "default", labels: map[string]string{}},
		"the ingress controller":        {namespace: "ingress-nginx", labels: map[string]string{"app.kubernetes.io/name": "ingress-nginx"}},
		"another pod of its own":        {namespace: "identityd", labels: map[string]string{"app.kubernetes.io/name": "identityd", "app.kubernetes.io/component": serves}},
		"an address outside":            {address: "203.0.113.9"},
		"an address of a private space": {address: "10.0.0.9"},
		"a pod of the back office":      {namespace: "backoffice", labels: map[string]string{"app": "other"}},
		"Prometheus":                    {namespace: "monitoring", labels: map[string]string{"app": "prometheus"}},
		"the provisioning":              {namespace: "backoffice", labels: map[string]string{"app": "provisioning"}},
	}
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			all, labels := policies(t, s), podLabels(t, s.one(t, "Deployment", "identityd"))
			asked := len(s.kind("Service")) == 3 // with admin.enabled
			for _, who := range slices.Sorted(maps.Keys(somebody)) {
				for _, port := range []int{4445, 4434} {
					if got, want := enters(t, all, labels, somebody[who], port), asked && who == "the provisioning"; got != want {
						t.Errorf("%s reaches the admin port %d: got %v, want %v", who, port, got, want)
					}
				}
				if got, want := enters(t, all, labels, somebody[who], 4437), who == "Prometheus"; got != want {
					t.Errorf("%s reaches the ops port: got %v, want %v", who, got, want)
				}
			}
			for _, port := range []int{22, 8080} {
				if enters(t, all, labels, somebody["the ingress controller"], port) {
					t.Errorf("port %d is open", port)
				}
			}
		})
	}
	t.Run("the public port is open to whom the example names", func(t *testing.T) {
		s := named(t, "postgres")
		all, labels := policies(t, s), podLabels(t, s.one(t, "Deployment", "identityd"))
		for who, want := range map[string]bool{"the ingress controller": true, "a pod of the default space": false, "an address outside": false} {
			if got := enters(t, all, labels, somebody[who], 3000); got != want {
				t.Errorf("%s: got %v, want %v", who, got, want)
			}
		}
		test := s.one(t, "Pod", "identityd-test")
		if !enters(t, all, labels, endpoint{namespace: "identityd", labels: test.Metadata.Labels}, 3000) {
			t.Error("helm test does not come in")
		}
	})
}

func TestWhatLeavesIsWhatIsNeeded(t *testing.T) {
	s := named(t, "everything")
	all := policies(t, s)
	server, job := podLabels(t, s.one(t, "Deployment", "identityd")), podLabels(t, s.kind("Job")[0])
	for name, tt := range map[string]struct {
		to               endpoint
		port             int
		serves, migrates bool
	}{
		"names":                             {endpoint{namespace: "kube-system"}, 53, true, true},
		"its database":                      {endpoint{address: "10.7.0.20"}, 5432, true, true},
		"the second one":                    {endpoint{address: "10.7.0.20"}, 5433, true, true},
		"another database":                  {endpoint{address: "10.8.0.20"}, 5432, false, false},
		"mail":                              {endpoint{address: "203.0.113.9"}, 587, true, false},
		"a provider":                        {endpoint{address: "203.0.113.9"}, 443, true, false},
		"a provider by IPv6":                {endpoint{address: "2001:db8::1"}, 443, true, false},
		"the metadata of a cloud":           {endpoint{address: "169.254.169.254"}, 443, false, false},
		"the API of Kubernetes":             {endpoint{address: "10.96.0.1"}, 443, false, false},
		"a private address by IPv6":         {endpoint{address: "fd00::1"}, 443, false, false},
		"plain http":                        {endpoint{address: "203.0.113.9"}, 80, false, false},
		"the collector that extra names":    {endpoint{namespace: "observability"}, 4317, true, false},
		"a collector that nobody has named": {endpoint{namespace: "default"}, 4317, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := leaves(t, all, server, tt.to, tt.port); got != tt.serves {
				t.Errorf("a pod: got %v, want %v", got, tt.serves)
			}
			if got := leaves(t, all, job, tt.to, tt.port); got != tt.migrates {
				t.Errorf("the Job: got %v, want %v", got, tt.migrates)
			}
		})
	}
}

func TestNoServiceAndNoRouteHasAnAdminPortUnlessAsked(t *testing.T) {
	closed := []any{"hydra-admin", "kratos-admin", "ops", 4445.0, 4434.0, 4437.0}
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			admin := 0
			for _, o := range s.kind("Service") {
				var v struct {
					Spec struct {
						Type  string
						Ports []struct{ Port, TargetPort any }
					}
				}
				o.into(t, &v)
				for _, p := range v.Spec.Ports {
					switch open := slices.Contains(closed, p.Port) || slices.Contains(closed, p.TargetPort); {
					case o.Metadata.Name == "identityd-admin":
						admin++
					case o.Metadata.Name == "identityd-ops":
						if p.TargetPort != "ops" || v.Spec.Type != "" {
							t.Errorf("%s: got %+v of type %s", o.Metadata.Name, p, v.Spec.Type)
						}
					case open:
						t.Errorf("%s: the port %v leads in", o.Metadata.Name, p)
					}
				}
				if o.Metadata.Name == "identityd-admin" && v.Spec.Type != "ClusterIP" {
					t.Errorf("the admin APIs are of type %s", v.Spec.Type)
				}
			}
			if want := map[bool]int{true: 2}[s.name == "everything"]; admin != want {
				t.Errorf("got %d admin ports, want %d", admin, want)
			}
			for _, kind := range []string{"Ingress", "HTTPRoute"} {
				for _, o := range s.kind(kind) {
					backends := 0
					walk(o.raw.(map[string]any)["spec"], func(key string, v any) {
						if f, ok := v.(int); ok {
							v = float64(f)
						}
						if (key == "name" || key == "number" || key == "port") && slices.Contains(closed, v) || v == "identityd-admin" || v == "identityd-ops" {
							t.Errorf("%s: %s is %v", kind, key, v)
						}
						if v == "identityd" && key == "name" {
							backends++
						}
					})
					if backends == 0 {
						t.Errorf("%s %s leads nowhere", kind, o.Metadata.Name)
					}
				}
			}
		})
	}
}

// walk calls f for every value that is no map and no list, with the key it is at.
func walk(v any, f func(key string, v any)) {
	var step func(key string, v any)
	step = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				step(k, inner)
			}
		case []any:
			for _, inner := range v {
				step(key, inner)
			}
		default:
			f(key, v)
		}
	}
	step("", v)
}
