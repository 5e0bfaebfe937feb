package locale

import (
	"strconv"
	"strings"
	"time"
)

// calendar writes dates. golang.org/x/text has no dates yet (x/text/date is empty), and eight
// languages are not worth a library of all.
type calendar struct {
	months string // twelve names
	date   string // with {day}, {month}, {year}
	comma  string // between date and time
}

func english() calendar {
	return calendar{
		"January February March April May June July August September October November December",
		"{month} {day}, {year}", ", ",
	}
}

func german() calendar {
	return calendar{
		"Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		"{day}. {month} {year}", ", ",
	}
}

func french() calendar {
	return calendar{
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"{day} {month} {year}", " à ",
	}
}

func spanish() calendar {
	return calendar{
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"{day} de {month} de {year}", ", ",
	}
}

func portuguese() calendar {
	return calendar{
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"{day} de {month} de {year}", ", ",
	}
}

func arabic() calendar {
	return calendar{
		"يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
		"{day} {month} {year}", "، ",
	}
}

// eastAsian is how Japanese and Chinese write a date.
func eastAsian() calendar {
	return calendar{"1 2 3 4 5 6 7 8 9 10 11 12", "{year}年{month}月{day}日", " "}
}

func (c calendar) format(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if day == "1" && strings.HasPrefix(c.months, "janvier") {
		day = "1er" // French counts the first day, and only that
	}
	return strings.NewReplacer("{day}", day, "{year}", strconv.Itoa(t.Year()),
		"{month}", strings.Fields(c.months)[t.Month()-1]).Replace(c.date)
}
