package charttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// podSpec is what the tests ask of a pod.
type podSpec struct {
	AutomountServiceAccountToken  *bool `json:"automountServiceAccountToken"`
	EnableServiceLinks            *bool `json:"enableServiceLinks"`
	HostNetwork                   bool  `json:"hostNetwork"`
	HostPID                       bool  `json:"hostPID"`
	TerminationGracePeriodSeconds int   `json:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsNonRoot             bool `json:"runAsNonRoot"`
		RunAsUser, RunAsGroup    int
		FSGroup                  int                   `json:"fsGroup"`
		SeccompProfile           struct{ Type string } `json:"seccompProfile"`
		AllowPrivilegeEscalation *bool                 `json:"allowPrivilegeEscalation"`
	} `json:"securityContext"`
	Containers                []containerSpec `json:"containers"`
	InitContainers            []containerSpec `json:"initContainers"`
	Volumes                   []volume        `json:"volumes"`
	TopologySpreadConstraints []struct {
		TopologyKey       string `json:"topologyKey"`
		WhenUnsatisfiable string `json:"whenUnsatisfiable"`
	} `json:"topologySpreadConstraints"`
}

type containerSpec struct {
	Name, Image     string
	Args            []string
	Lifecycle       any
	SecurityContext struct {
		RunAsNonRoot             bool                         `json:"runAsNonRoot"`
		Privileged               bool                         `json:"privileged"`
		ReadOnlyRootFilesystem   bool                         `json:"readOnlyRootFilesystem"`
		AllowPrivilegeEscalation *bool                        `json:"allowPrivilegeEscalation"`
		Capabilities             struct{ Add, Drop []string } `json:"capabilities"`
	} `json:"securityContext"`
	Ports []struct {
		Name          string `json:"name"`
		ContainerPort int    `json:"containerPort"`
	} `json:"ports"`
	Resources struct {
		Requests, Limits map[string]string
	} `json:"resources"`
	StartupProbe, LivenessProbe, ReadinessProbe *probe
	VolumeMounts                                []struct {
		Name, MountPath, SubPath string
		ReadOnly                 bool
	} `json:"volumeMounts"`
}

type probe struct {
	HTTPGet struct {
		Path string `json:"path"`
		Port any    `json:"port"`
	} `json:"httpGet"`
	PeriodSeconds, TimeoutSeconds, FailureThreshold int
}

type volume struct {
	Name                  string
	HostPath              any
	PersistentVolumeClaim *struct{ ClaimName string } `json:"persistentVolumeClaim"`
	Secret                *struct {
		SecretName  string
		DefaultMode int
	}
	Projected *struct{ DefaultMode int }
}

// pods are the templates of all that makes pods, by the name of the object.
func pods(t *testing.T, s set) map[string]podSpec {
	t.Helper()
	out := map[string]podSpec{}
	for _, o := range s.objects {
		var v struct {
			Spec struct{ Template struct{ Spec podSpec } }
		}
		switch o.Kind {
		case "Deployment", "Job":
			o.into(t, &v)
		case "Pod":
			var p struct{ Spec podSpec }
			o.into(t, &p)
			v.Spec.Template.Spec = p.Spec
		default:
			continue
		}
		out[o.Kind+" "+o.Metadata.Name] = v.Spec.Template.Spec
	}
	return out
}

func TestEveryContainerIsHardened(t *testing.T) {
	no := func(b *bool) bool { return b != nil && !*b }
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			for name, p := range pods(t, s) {
				c := p.SecurityContext
				if !c.RunAsNonRoot || c.RunAsUser != 65532 || c.RunAsGroup != 65532 || c.FSGroup != 65532 || c.SeccompProfile.Type != "RuntimeDefault" {
					t.Errorf("%s: got %+v, want the image's user, of no rights", name, c)
				}
				if !no(p.AutomountServiceAccountToken) || !no(p.EnableServiceLinks) || p.HostNetwork || p.HostPID || len(p.InitContainers) > 0 {
					t.Errorf("%s: a token, links or something of the host is in it", name)
				}
				for _, v := range p.Volumes {
					if v.HostPath != nil || v.Secret != nil && v.Secret.DefaultMode != 0o440 || v.Projected != nil && v.Projected.DefaultMode != 0o440 {
						t.Errorf("%s: volume %s is of the host, or others may read it", name, v.Name)
					}
				}
				if len(p.Containers) != 1 {
					t.Fatalf("%s: got %d containers, want one", name, len(p.Containers))
				}
				one := p.Containers[0]
				sc := one.SecurityContext
				if !sc.RunAsNonRoot || sc.Privileged || !sc.ReadOnlyRootFilesystem || !no(sc.AllowPrivilegeEscalation) ||
					!slices.Equal(sc.Capabilities.Drop, []string{"ALL"}) || len(sc.Capabilities.Add) > 0 {
					t.Errorf("%s: got %+v", name, sc)
				}
				tag := one.Image[strings.LastIndex(one.Image, "/")+1:]
				if !strings.ContainsAny(tag, ":@") || strings.HasSuffix(tag, ":latest") || strings.HasSuffix(tag, ":") {
					t.Errorf("%s: the image %s can change", name, one.Image)
				}
				if one.Resources.Requests["cpu"] == "" || one.Resources.Requests["memory"] == "" || one.Resources.Limits["memory"] == "" || one.Resources.Limits["cpu"] != "" {
					t.Errorf("%s: got %+v, want requests, a limit of memory and none of CPU", name, one.Resources)
				}
				for _, m := range one.VolumeMounts {
					if m.SubPath != "" || !m.ReadOnly && m.MountPath != "/data" && m.MountPath != "/tmp" {
						t.Errorf("%s: %s is a subPath, which never changes again, or may be written to", name, m.MountPath)
					}
				}
			}
		})
	}
}

// TestAPodIsStoppedAndAskedAsTheProgramExpects goes by stack.yaml, which is in the same set.
func TestAPodIsStoppedAndAskedAsTheProgramExpects(t *testing.T) {
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			var stack struct {
				Shutdown struct{ Prestop, Drain string }
				Listen   map[string]string
			}
			if err := yaml.Unmarshal([]byte(stackOf(t, s)["stack.yaml"]), &stack); err != nil {
				t.Fatal(err)
			}
			var takes time.Duration
			for _, text := range []string{stack.Shutdown.Prestop, stack.Shutdown.Drain} {
				d, err := time.ParseDuration(text)
				if err != nil {
					t.Fatal(err)
				}
				takes += d
			}
			p := pods(t, s)["Deployment identityd"]
			if grace := time.Duration(p.TerminationGracePeriodSeconds) * time.Second; grace < takes+5*time.Second {
				t.Errorf("got %s until it is killed, want prestop and drain (%s) and 5 s", grace, takes)
			}
			c := p.Containers[0]
			if c.Lifecycle != nil {
				t.Error("there is a hook of its own, beside prestop")
			}
			for name, want := range map[string]*probe{"/health/alive": c.LivenessProbe, "/health/alive ": c.StartupProbe, "/health/ready": c.ReadinessProbe} {
				if want == nil || want.HTTPGet.Path != strings.TrimSpace(name) || want.HTTPGet.Port != "ops" || want.TimeoutSeconds < 4 {
					t.Errorf("%s: got %+v, want it asked at ops, with 4 s at least", name, want)
				}
			}
			if stack.Listen["ops"] != ":4437" {
				t.Errorf("listen.ops is %q, where the kubelet does not come", stack.Listen["ops"])
			}
			for _, key := range []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"} {
				spread := false
				for _, c := range p.TopologySpreadConstraints {
					spread = spread || c.TopologyKey == key && c.WhenUnsatisfiable == "ScheduleAnyway"
				}
				if !spread {
					t.Errorf("pods are not spread over %s", key)
				}
			}
		})
	}
}

func TestADrainIsNeverHeldAndLosesOnePodAtATime(t *testing.T) {
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			var d struct {
				Spec struct {
					Replicas *int
					Strategy struct {
						Type          string
						RollingUpdate struct{ MaxUnavailable, MaxSurge *int }
					}
				}
			}
			s.one(t, "Deployment", "identityd").into(t, &d)
			var b struct {
				Spec struct {
					MaxUnavailable             *int
					MinAvailable               any
					UnhealthyPodEvictionPolicy string
				}
			}
			s.one(t, "PodDisruptionBudget", "identityd").into(t, &b)
			if b.Spec.MaxUnavailable == nil || *b.Spec.MaxUnavailable != 1 || b.Spec.MinAvailable != nil || b.Spec.UnhealthyPodEvictionPolicy != "AlwaysAllow" {
				t.Errorf("got %+v, want one pod at a time, and no hold for those that are not ready", b.Spec)
			}
			files := len(s.kind("PersistentVolumeClaim")) > 0
			switch r := d.Spec.Strategy; {
			case files:
				if r.Type != "Recreate" || d.Spec.Replicas == nil || *d.Spec.Replicas != 1 || len(s.kind("Job")) > 0 {
					t.Errorf("got %+v of %v replicas, want one that ends before the next", r, d.Spec.Replicas)
				}
			case len(s.kind("HorizontalPodAutoscaler")) > 0:
				if d.Spec.Replicas != nil {
					t.Error("replicas are written, which undoes what the autoscaler did")
				}
			default:
				if r.RollingUpdate.MaxUnavailable == nil || *r.RollingUpdate.MaxUnavailable != 0 || d.Spec.Replicas == nil || *d.Spec.Replicas < 2 {
					t.Errorf("got %+v of %v replicas, want two that are never fewer", r, d.Spec.Replicas)
				}
			}
		})
	}
}

func stackOf(t *testing.T, s set) map[string]string {
	t.Helper()
	var c struct{ Data map[string]string }
	s.one(t, "ConfigMap", "identityd").into(t, &c)
	return c.Data
}
