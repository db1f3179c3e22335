package packages

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chart = "../helm/sluice"

// given are the values that the chart cannot do without.
var given = []string{"--set", "ca.secretName=the-ca,secret.secretName=the-secret,adminToken.secretName=the-token"}

// helm is where `go install` puts it, or on the path.
func helm(t *testing.T) string {
	t.Helper()
	dir := strings.TrimSpace(run(t, "go", "env", "GOPATH"))
	if name := filepath.Join(dir, "bin", "helm"); exec.Command(name, "version").Run() == nil {
		return name
	}
	name, err := exec.LookPath("helm")
	if err != nil {
		t.Fatal("no helm: deploy/test installs it")
	}
	return name
}

// render returns the objects of the chart, by kind and name, decoded strictly.
func render(t *testing.T, values ...string) map[string]any {
	t.Helper()
	args := append([]string{"template", "x", chart, "--kube-version", "1.31.0"}, given...)
	out := run(t, helm(t), append(args, values...)...)
	objects := map[string]any{}
	for _, document := range strings.Split(out, "\n---\n") {
		var head struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if head.Kind == "" {
			continue
		}
		into := map[string]func() any{
			"Deployment":              func() any { return &appsv1.Deployment{} },
			"HorizontalPodAutoscaler": func() any { return &autoscalingv2.HorizontalPodAutoscaler{} },
			"ConfigMap":               func() any { return &corev1.ConfigMap{} },
			"Service":                 func() any { return &corev1.Service{} },
			"ServiceAccount":          func() any { return &corev1.ServiceAccount{} },
			"NetworkPolicy":           func() any { return &networkingv1.NetworkPolicy{} },
			"PodDisruptionBudget":     func() any { return &policyv1.PodDisruptionBudget{} },
			"ServiceMonitor":          func() any { return &map[string]any{} }, // its types are the operator's
		}[head.Kind]
		if into == nil {
			t.Fatalf("%s is not expected", head.Kind)
		}
		object := into()
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			t.Errorf("%s: %v\n%s", head.Kind, err, document)
		}
		objects[head.Kind+" "+head.Metadata.Name] = object
	}
	return objects
}

func TestChartLints(t *testing.T) {
	run(t, helm(t), append([]string{"lint", "--strict", chart}, given...)...)
}

// Everything that can be switched on is rendered and is what Kubernetes knows.
func TestChartRenders(t *testing.T) {
	least := render(t, "--set", "autoscaling.enabled=false,podDisruptionBudget.enabled=false,networkPolicy.enabled=false")
	if len(least) != 5 {
		t.Errorf("%d objects", len(least))
	}
	if d := least["Deployment x-sluice"].(*appsv1.Deployment); d.Spec.Replicas == nil || *d.Spec.Replicas != 2 {
		t.Errorf("replicas: %v", d.Spec.Replicas)
	}
	all := render(t, "--values", "testdata/values.yaml")
	if len(all) != 9 {
		t.Errorf("%d objects", len(all))
	}
	if d := all["Deployment x-sluice"].(*appsv1.Deployment); d.Spec.Replicas != nil {
		t.Error("replicas are the autoscaler's")
	}
	if p := all["NetworkPolicy x-sluice"].(*networkingv1.NetworkPolicy); len(p.Spec.Ingress) != 2 || len(p.Spec.Ingress[0].From) != 1 {
		t.Errorf("%+v", p.Spec)
	}
}

// The pod has no privilege, says four fifths of its memory to Go, and is given the
// time that a drain takes.
func TestPod(t *testing.T) {
	for limit, want := range map[string]string{"1Gi": "819MiB", "512Mi": "409MiB", "4Gi": "3276MiB"} {
		pod := render(t, "--set", "resources.limits.memory="+limit)["Deployment x-sluice"].(*appsv1.Deployment).Spec.Template.Spec
		c := pod.Containers[0]
		if c.Env[0].Name != "GOMEMLIMIT" || c.Env[0].Value != want {
			t.Errorf("%s: %+v", limit, c.Env)
		}
		s := c.SecurityContext
		if *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || !*s.RunAsNonRoot || s.Capabilities.Drop[0] != "ALL" ||
			pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || *pod.AutomountServiceAccountToken {
			t.Errorf("not restricted: %+v", s)
		}
		for seconds, values := range map[int64][]string{30: nil, 90: {"--set", "drainSeconds=90"}} {
			objects := render(t, values...)
			pod, config := objects["Deployment x-sluice"].(*appsv1.Deployment).Spec.Template.Spec, objects["ConfigMap x-sluice"].(*corev1.ConfigMap).Data["sluice.yaml"]
			if *pod.TerminationGracePeriodSeconds < seconds+5 || !strings.Contains(config, fmt.Sprintf("drain: %ds\n", seconds)) {
				t.Errorf("grace of %d s for\n%s", *pod.TerminationGracePeriodSeconds, config)
			}
		}
		if c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.LivenessProbe.HTTPGet.Path != "/healthz" {
			t.Error("probes")
		}
	}
}

// What the chart makes of the configuration is one that sluice takes.
func TestChartConfig(t *testing.T) {
	objects := render(t, "--values", "testdata/values.yaml")
	config := objects["ConfigMap x-sluice"].(*corev1.ConfigMap).Data
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("secret", strings.Repeat("s", 32))
	write("token", strings.Repeat("t", 64))
	if err := os.Mkdir(filepath.Join(dir, "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("files/tables.yaml", config["tables.yaml"])
	yaml := config["sluice.yaml"]
	for from, to := range map[string]string{"/run/secrets/sluice": dir, "/etc/sluice/files": dir + "/files", "/var/lib/sluice": dir + "/data"} {
		if !strings.Contains(yaml, from) {
			t.Errorf("no %s in\n%s", from, yaml)
		}
		yaml = strings.ReplaceAll(yaml, from, to)
	}
	write("own.yaml", "data_dir: "+dir+"/own\n")
	run(t, built(t), "ca", "show", "--config", filepath.Join(dir, "own.yaml")) // makes one
	for from, to := range map[string]string{"ca.pem": "tls.crt", "ca-key.pem": "tls.key"} {
		if err := os.Rename(filepath.Join(dir, "own", from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	write("sluice.yaml", yaml)
	run(t, built(t), "check", "--config", filepath.Join(dir, "sluice.yaml"))
}

// The schema refuses what would not work.
func TestChartRefuses(t *testing.T) {
	for _, values := range [][]string{
		{"--set", "ca.secretName="},
		{"--set", "config.data_dir=/tmp"},
		{"--set", "config.listen.admin=:1"},
		{"--set", "resources.limits.memory=1G"},
		{"--set", "replicas=0"},
		{"--set", "image.tga=x"},
	} {
		var out bytes.Buffer
		cmd := exec.Command(helm(t), append(append([]string{"template", "x", chart, "--kube-version", "1.31.0"}, given...), values...)...)
		cmd.Stderr = &out
		if err := cmd.Run(); err == nil || !strings.Contains(out.String(), "schema") {
			t.Errorf("%v: %v\n%s", values, err, &out)
		}
	}
}
