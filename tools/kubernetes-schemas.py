#!/usr/bin/env python3
"""Cuts the schemas of what the chart renders out of those that Kubernetes, the Gateway API and Prometheus' operator publish in
their Go modules, and makes them strict: a field that is not known is an error, as with kubectl's --validate=strict.

    tools/kubernetes-schemas.py > internal/charttest/testdata/schemas.json
"""
import json, os, subprocess, sys, tempfile
import yaml

KUBERNETES, GATEWAY, OPERATOR = "v1.36.3", "v1.4.1", "v0.85.0"
KINDS = """apps.v1.Deployment batch.v1.Job core.v1.ConfigMap core.v1.Namespace core.v1.PersistentVolumeClaim core.v1.Pod core.v1.Service
core.v1.ServiceAccount policy.v1.PodDisruptionBudget autoscaling.v2.HorizontalPodAutoscaler networking.v1.Ingress
networking.v1.NetworkPolicy""".split()
CRDS = {"sigs.k8s.io/gateway-api@" + GATEWAY: ["config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"],
        "github.com/prometheus-operator/prometheus-operator@" + OPERATOR: [
            "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"]}


def module(name):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "go.mod"), "w") as f:
            f.write("module x\ngo 1.26\n")
        return json.loads(subprocess.check_output(["go", "mod", "download", "-json", name], cwd=folder))["Dir"]


def strict(s, closed=True):
    """Drops prose and extensions, closes objects, and spells what JSON schema cannot say otherwise."""
    if isinstance(s, list):
        return [strict(v, False) for v in s]  # alternatives of one object name a part of its fields each
    if not isinstance(s, dict):
        return s
    if s.get("format") == "int-or-string" or s.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    out = {}
    for key, value in s.items():
        if key in ("properties", "definitions"):
            out[key] = {name: strict(v) for name, v in value.items()}
        elif key in ("description", "default", "example", "format") or key.startswith("x-"):
            continue
        else:
            out[key] = strict(value)
    if closed and "properties" in out and "additionalProperties" not in out and not s.get("x-kubernetes-preserve-unknown-fields"):
        out["additionalProperties"] = False
    return out


def main():
    with open(os.path.join(module("k8s.io/kubernetes@" + KUBERNETES), "api/openapi-spec/swagger.json")) as f:
        definitions = json.load(f)["definitions"]
    kinds, wanted = {}, []
    for kind in KINDS:
        name = "io.k8s.api." + kind
        for gvk in definitions[name]["x-kubernetes-group-version-kind"]:
            kinds["/".join(filter(None, [gvk["group"], gvk["version"], gvk["kind"]]))] = {"$ref": "#/definitions/" + name}
        wanted.append(name)
    kept = {}
    while wanted:
        name = wanted.pop()
        if name in kept:
            continue
        kept[name] = strict(definitions[name])
        text = json.dumps(kept[name])
        wanted += [part.split('"')[0] for part in text.split("#/definitions/")[1:]]
    meta = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    for name, files in CRDS.items():
        for file in files:
            with open(os.path.join(module(name), file)) as f:
                crd = next(d for d in yaml.safe_load_all(f) if d)
            version = next(v for v in crd["spec"]["versions"] if v["name"] == "v1")
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = meta
            kinds["/".join([crd["spec"]["group"], "v1", crd["spec"]["names"]["kind"]])] = schema
    json.dump({"source": {"k8s.io/kubernetes": KUBERNETES + " api/openapi-spec/swagger.json", **{n.split("@")[0]: n.split("@")[1] + " " + ", ".join(f) for n, f in CRDS.items()}},
               "kinds": kinds, "definitions": kept}, sys.stdout, indent=None, separators=(",", ":"), sort_keys=True)
    print()


main()
