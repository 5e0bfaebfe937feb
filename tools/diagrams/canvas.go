package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

const (
	// width is that of every drawing: on a phone of 360 pixels a unit is four fifths of one.
	width = 400.0
	// size is the height of letters, leading what a line of them takes.
	size, leading = 13.0, 16.0
	// letter is how wide a letter is on the average, on the safe side.
	letter = 6.7
)

// canvas collects what is drawn. Groups lie behind boxes, lines between, and words in front of all.
type canvas struct {
	title, about         string
	height               float64
	behind, front, words bytes.Buffer
}

func n(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

func wide(text string) float64 { return float64(len([]rune(text))) * letter }

func (c *canvas) rect(to *bytes.Buffer, x, y, w, h float64, class string) {
	fmt.Fprintf(to, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="6"/>`+"\n", class, n(x), n(y), n(w), n(h))
}

// say writes one line of words; at is where its baseline begins, has its middle, or ends, by anchor.
func (c *canvas) say(x, y float64, anchor, class, text string) error {
	left := x
	switch anchor {
	case "middle":
		left = x - wide(text)/2
	case "end":
		left = x - wide(text)
	}
	if left < 0 || left+wide(text) > width {
		return fmt.Errorf("%q does not fit: it would be from %s to %s of %s", text, n(left), n(left+wide(text)), n(width))
	}
	fmt.Fprintf(&c.words, `<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`+"\n", class, n(x), n(y), anchor, escape(text))
	return nil
}

type point struct{ x, y float64 }

// arrow draws a line through points with a head at its end, and at its start as well where class has "both".
func (c *canvas) arrow(points []point, class string) {
	var path strings.Builder
	for i, p := range points {
		fmt.Fprintf(&path, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == 0], n(p.x), n(p.y))
	}
	fmt.Fprintf(&c.front, `<path class="%s" d="%s"/>`+"\n", strings.TrimSpace("line "+class), path.String())
	last := len(points) - 1
	if class == "plain" {
		return
	}
	c.head(points[last-1], points[last])
	if class == "both" {
		c.head(points[1], points[0])
	}
}

// head is a triangle at to. It is no marker, which would need an id that is unique on a page of several drawings.
func (c *canvas) head(from, to point) {
	const long, half = 7.0, 3.5
	dx, dy := sign(to.x-from.x), sign(to.y-from.y)
	if dx != 0 && dy != 0 {
		dy = 0
	}
	fmt.Fprintf(&c.front, `<path class="head" d="M%s %sL%s %sL%s %sZ"/>`+"\n", n(to.x), n(to.y),
		n(to.x-dx*long-dy*half), n(to.y-dy*long-dx*half), n(to.x-dx*long+dy*half), n(to.y-dy*long+dx*half))
}

func sign(v float64) float64 {
	switch {
	case v > 0.01:
		return 1
	case v < -0.01:
		return -1
	}
	return 0
}

func (c *canvas) svg(name, style string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-title %s-about">`+"\n", n(width), n(c.height), name, name)
	fmt.Fprintf(&b, "<title id=\"%s-title\">%s</title>\n<desc id=\"%s-about\">%s</desc>\n<style>\n%s</style>\n", name, escape(c.title), name, escape(c.about), style)
	fmt.Fprintf(&b, `<rect class="paper" width="%s" height="%s"/>`+"\n", n(width), n(c.height))
	b.Write(c.behind.Bytes())
	b.Write(c.front.Bytes())
	b.Write(c.words.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}
