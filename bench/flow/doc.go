// Package flow is a person with a browser and an application: pages, forms, cookies and redirects, the same on both sides.
package flow
