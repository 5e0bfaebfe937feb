package ui

import (
	"net/http"
	"net/url"
	"strconv"
)

// pager leads to the pages before and after one, where there are any.
type pager struct{ Newer, Older string }

// maxPage keeps an address from asking the database to count beyond reason.
const maxPage = 1000

func pageNumber(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 1 || n > maxPage {
		return 1
	}
	return n
}

func newPager(path string, number, total int) pager {
	to := func(n int) string {
		if n == 1 {
			return path
		}
		return path + "?" + url.Values{"page": {strconv.Itoa(n)}}.Encode()
	}
	var p pager
	if number > 1 {
		p.Newer = to(number - 1)
	}
	if number*perPage < total && number < maxPage {
		p.Older = to(number + 1)
	}
	return p
}

// part returns what one page shows of a list.
func part[T any](list []T, number int) []T {
	from := min((number-1)*perPage, len(list))
	return list[from:min(from+perPage, len(list))]
}
