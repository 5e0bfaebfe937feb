// Package charttest holds what the Helm chart renders against what Kubernetes takes, this program reads and an operator relies on.
//
// Helm itself takes minutes to build, so tools/manifests.sh keeps what it rendered in testdata, with a digest of the chart: a chart
// that has changed since is a failure here (docs/adr/0077-kubernetes.md).
package charttest
