// Package crossorigin lets pages of other origins call the public APIs (CORS) as the OAuth2 clients and the
// settings say, and tells the operator which pages were refused, and by which key they would not be.
package crossorigin
