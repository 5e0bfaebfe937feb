package packed

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// Gzip returns a body under gzip, or nil where that saves too little. It takes its time: what it is for is packed
// once.
func Gzip(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || out.Len() > len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}

// Accepted says whether a client takes gzip. One that gives it the weight zero does not.
func Accepted(r *http.Request) bool {
	for each := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(each, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.ToLower(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}
