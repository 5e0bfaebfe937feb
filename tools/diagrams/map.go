package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// mapping is a drawing by places. x, y, width and height are units of 400 across:
//
//	height 300
//	group 8 8 384 120 One process           a ground with a label
//	box ui 20 30 80 40 Pages|port 3000      a box; the first line is its name
//	strong db 20 200 80 40 Database         a box that stands out; also: care, ghost
//	arrow ui.bottom db.top SQL              from a side to a side; also: dashed, both, plain
//	arrow ui.right 200,50 db.top            or by points
//	text 20 280 start words                 words alone; also: middle, end
//
// A side may be followed by how far along it: ui.bottom:.25.
type mapping struct {
	height float64
	boxes  map[string]box
	todo   []func(*canvas) error
}

type box struct{ x, y, w, h float64 }

func (m *mapping) line(text string) error {
	f := strings.Fields(text)
	rest := func(from int) string { return strings.Join(f[min(from, len(f)):], " ") }
	switch f[0] {
	case "height":
		v, err := numbers(f[1:], 1)
		if err != nil {
			return err
		}
		m.height = v[0]
	case "group":
		v, err := numbers(f[1:], 4)
		if err != nil {
			return err
		}
		m.todo = append(m.todo, func(c *canvas) error {
			c.rect(&c.behind, v[0], v[1], v[2], v[3], "group")
			return c.say(v[0]+8, v[1]+15, "start", "label", rest(5))
		})
	case "box", "strong", "care", "ghost":
		if len(f) < 7 {
			return fmt.Errorf("%q: want a name, four numbers and words", text)
		}
		v, err := numbers(f[2:], 4)
		if err != nil {
			return err
		}
		b := box{v[0], v[1], v[2], v[3]}
		m.boxes[f[1]] = b
		m.todo = append(m.todo, func(c *canvas) error { return b.draw(c, f[0], strings.Split(rest(6), "|")) })
	case "arrow", "dashed", "both", "plain":
		return m.arrow(f)
	case "text":
		v, err := numbers(f[1:], 2)
		if err != nil {
			return err
		}
		m.todo = append(m.todo, func(c *canvas) error {
			for i, l := range strings.Split(rest(4), "|") {
				if err := c.say(v[0], v[1]+float64(i)*leading, f[3], "note", l); err != nil {
					return err
				}
			}
			return nil
		})
	default:
		return fmt.Errorf("%q is no line of a map", text)
	}
	return nil
}

func (b box) draw(c *canvas, kind string, lines []string) error {
	class := "box"
	if kind != "box" {
		class += " " + kind
	}
	c.rect(&c.front, b.x, b.y, b.w, b.h, class)
	y := b.y + b.h/2 - float64(len(lines)-1)*leading/2 + size*.36
	for i, l := range lines {
		if wide(l) > b.w {
			return fmt.Errorf("%q is about %s wide, its box %s", l, n(wide(l)), n(b.w))
		}
		words := "name"
		if i > 0 {
			words = "more"
		}
		if err := c.say(b.x+b.w/2, y+float64(i)*leading, "middle", words, l); err != nil {
			return err
		}
	}
	return nil
}

func (m *mapping) arrow(f []string) error {
	var points []point
	var sides []string
	i := 1
	for ; i < len(f); i++ {
		p, side, ok := m.point(f[i])
		if !ok {
			break
		}
		points, sides = append(points, p), append(sides, side)
	}
	if len(points) < 2 {
		return fmt.Errorf("%q: want two places", strings.Join(f, " "))
	}
	points = elbow(points, sides)
	class := f[0]
	if class == "arrow" {
		class = ""
	}
	label := strings.Join(f[i:], " ")
	m.todo = append(m.todo, func(c *canvas) error {
		c.arrow(points, class)
		if label == "" {
			return nil
		}
		a, b := points[(len(points)-1)/2], points[(len(points)-1)/2+1]
		lines := strings.Split(label, "|")
		y := (a.y+b.y)/2 - float64(len(lines)-1)*leading/2 + 4
		for k, l := range lines {
			half := wide(l) / 2
			if err := c.say(min(max((a.x+b.x)/2, half+3), width-half-3), y+float64(k)*leading, "middle", "step", l); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// elbow bends a line between two sides that do not face each other, so that all lines are level or upright.
func elbow(points []point, sides []string) []point {
	if len(points) != 2 || points[0].x == points[1].x || points[0].y == points[1].y {
		return points
	}
	a, b := points[0], points[1]
	// Sides that nearly face each other do.
	const near = 6
	switch {
	case sides[1] != "" && math.Abs(a.x-b.x) < near:
		return []point{a, {a.x, b.y}}
	case sides[1] != "" && math.Abs(a.y-b.y) < near:
		return []point{a, {b.x, a.y}}
	}
	upright := func(side string) bool { return side == "top" || side == "bottom" }
	switch {
	case upright(sides[0]) && upright(sides[1]):
		return []point{a, {a.x, (a.y + b.y) / 2}, {b.x, (a.y + b.y) / 2}, b}
	case upright(sides[0]):
		return []point{a, {a.x, b.y}, b}
	case upright(sides[1]):
		return []point{a, {b.x, a.y}, b}
	}
	return []point{a, {(a.x + b.x) / 2, a.y}, {(a.x + b.x) / 2, b.y}, b}
}

// point reads ui.bottom, ui.bottom:.25 or 200,50.
func (m *mapping) point(text string) (p point, side string, ok bool) {
	if x, y, cut := strings.Cut(text, ","); cut {
		v, err := numbers([]string{x, y}, 2)
		if err == nil {
			return point{v[0], v[1]}, "", true
		}
	}
	name, side, cut := strings.Cut(text, ".")
	b, there := m.boxes[name]
	if !cut || !there {
		return p, "", false
	}
	side, along, _ := strings.Cut(side, ":")
	part := .5
	if along != "" {
		v, err := strconv.ParseFloat(along, 64)
		if err != nil {
			return p, "", false
		}
		part = v
	}
	switch side {
	case "top":
		return point{b.x + b.w*part, b.y}, side, true
	case "bottom":
		return point{b.x + b.w*part, b.y + b.h}, side, true
	case "left":
		return point{b.x, b.y + b.h*part}, side, true
	case "right":
		return point{b.x + b.w, b.y + b.h*part}, side, true
	}
	return p, "", false
}

func (m *mapping) finish(c *canvas) error {
	if m.height == 0 {
		return fmt.Errorf("want a line height")
	}
	c.height = m.height
	for _, do := range m.todo {
		if err := do(c); err != nil {
			return err
		}
	}
	return nil
}

func numbers(f []string, want int) ([]float64, error) {
	if len(f) < want {
		return nil, fmt.Errorf("want %d numbers, got %d words", want, len(f))
	}
	out := make([]float64, want)
	for i := range out {
		v, err := strconv.ParseFloat(f[i], 64)
		if err != nil {
			return nil, fmt.Errorf("want a number: %w", err)
		}
		out[i] = v
	}
	return out, nil
}
