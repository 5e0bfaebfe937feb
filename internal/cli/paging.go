package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// paging are the flags of lists.
type paging struct {
	size  int
	token string
	all   bool
}

// largestPage is what both engines take.
const largestPage = 500

func (p *paging) register(cmd *cobra.Command) {
	cmd.Flags().IntVar(&p.size, "page-size", 100, "how many at most, a `number` up to 500")
	cmd.Flags().StringVar(&p.token, "page-token", "", "go on where an earlier list ended, by the `token` that it gave")
	cmd.Flags().BoolVar(&p.all, "all", false, "list all of them, page by page")
}

// list asks for a page, or for all, and returns the token of the next page; empty where there is none.
func (p paging) list(ctx context.Context, api *adminAPI, path string, query url.Values, each func(json.RawMessage) error) (next string, err error) {
	if p.size < 1 || p.size > largestPage {
		return "", &usageError{fmt.Errorf("--page-size is 1 to %d (got %d)", largestPage, p.size)}
	}
	if p.all {
		p.size = largestPage
	}
	for {
		query.Set("page_size", strconv.Itoa(p.size))
		if p.token != "" {
			query.Set("page_token", p.token)
		}
		var found []json.RawMessage
		header, err := api.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &found)
		if err != nil {
			return "", err
		}
		for _, one := range found {
			if err := each(one); err != nil {
				return "", err
			}
		}
		next := nextPage(header)
		if len(found) < p.size { // Hydra names a next page after the last one too
			next = ""
		}
		if next == "" || next == p.token || !p.all {
			return next, nil
		}
		p.token = next
	}
}

// nextPage takes the token out of the Link header that both engines answer with (RFC 8288).
func nextPage(h http.Header) string {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		target, relation, ok := strings.Cut(link, ";")
		if !ok || !strings.Contains(relation, `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(target), "<>"))
		if err == nil {
			return u.Query().Get("page_token")
		}
	}
	return ""
}

// showPage prints a page of a list, and tells beside stdout, which has the list alone, that it goes on. In JSON the
// rows have the name of what they are.
func (a *app) showPage(asJSON bool, name string, rows any, next string, text func(io.Writer)) error {
	err := a.show(asJSON, map[string]any{name: rows, "next_page_token": next}, text)
	if !asJSON && next != "" {
		fmt.Fprintf(a.stderr, "there are more: --all, or --page-token %s\n", next)
	}
	return err
}
