// Command train learns the weights of classifiers/injection from corpora of prompts.
package main

import (
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"os"
)

const usage = `usage: train [flags] FILE.jsonl[.gz] ...

Learns the linear model of classifiers/injection and writes its weights. Each line of a
file is an object:

  {"text": "...", "source": "tickets", "spans": [{"start": 0, "end": 40, "type": "INJECTION"}]}

A text with a span of a type that begins with INJECTION is an injection, which stands
among the words of that span (byte offsets); all others are innocent. More is optional:
"kind" (jailbreak, override, extraction, indirect) names the rule that reports what is
like it, "group" names texts that are variants of one, "weight" says how much a text
counts. With "expand": n the text is a pattern, {a|b} standing for either, and n texts
are made of it; it is an injection when it has a kind. {@name} in a pattern stands for
one of the alternatives of an earlier line {"define": "name", "text": "a|b"} of its file.

The weights that ship come from examples.jsonl, all of it written for this, and a folder
of public collections that is not in the repository for its licences:

  cd deploy/train
  go run . -false 0.002 -out ../../classifiers/injection/weights.bin examples.jsonl \
    CORPUS/dev/injection.jsonl.gz CORPUS/dev/benign_prompts.jsonl.gz CORPUS/dev/code_prose.jsonl.gz \
    CORPUS/dev/pii_presidio_research.jsonl.gz CORPUS/dev/phi_mtsamples.jsonl.gz

To retrain on your own data, give your files after examples.jsonl, with as many innocent
texts of your own kind as you can get (at least some thousand: prompts, tool results,
documents), and build sluice with the file that is written. More languages and more
innocent texts that look like injections go to examples.jsonl, as patterns.

The same files, in the same order, and the same flags give the same weights. All that is
printed is measured on documents that were not learned from, with thresholds from others
still, which keep innocent texts (no examples) under -false:

  held out  a quarter of the groups of near copies, which -tune leaves alone: choose flags
            with -tune, which judges by cross-validation among the other three
  groups    cross-validation of all along the groups of near copies
  random    cross-validation of all along documents, as most of what is published is: it
            has near copies of what it judges to learn from

flags:
`

func main() {
	o := options{}
	out := flag.String("out", "", "file to write the weights to; none: only measure")
	mistake := flag.String("mistakes", "", "file to write the documents to that were judged wrongly with -tune or in groups, as JSON lines")
	folds := flag.Int("folds", 5, "parts of the cross-validation")
	alike := flag.Float64("alike", 0.6, "share of four-word runs that makes two texts near copies")
	wrong := flag.Float64("false", 0.0025, "share of innocent texts that may be reported")
	tune := flag.Bool("tune", false, "only judge by the groups that are not held out")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of all that is random")
	flag.IntVar(&o.epochs, "epochs", 14, "passes over the corpus")
	flag.IntVar(&o.groups, "groups", 2, "groups of near copies that a feature must occur in")
	flag.Float64Var(&o.rare, "rare", 5, "groups in which a feature must occur to be learned at .7 of the rate")
	flag.Float64Var(&o.drift, "drift", 0.04, "what each word of a passage costs")
	flag.Float64Var(&o.drop, "drop", 4, "loss that ends a passage")
	flag.Float64Var(&o.margin, "margin", 5, "score at which a passage is as likely an injection as not")
	flag.Float64Var(&o.gap, "gap", 0.3, "how far from the margin injections and innocent texts are pushed")
	flag.Float64Var(&o.rate, "rate", 0.3, "step of the descent")
	flag.Float64Var(&o.decay, "decay", 0.01, "L2 regularisation")
	flag.Float64Var(&o.sparse, "sparse", 0.002, "L1 regularisation")
	flag.Float64Var(&o.negative, "negative", 4, "weight of an innocent text beside that of an injection")
	flag.Float64Var(&o.own, "own", 0.25, "weight of a text that is made of a pattern, beside one that is given")
	flag.Float64Var(&o.dropout, "dropout", 0.5, "share of the features that are left out, others at each step")
	flag.IntVar(&o.reach, "reach", 20, "words that are read around each that gives an order; 0: all words are read")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), o, how{*folds, *alike, *wrong, *tune, *out, *mistake}); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// how is what else run is told.
type how struct {
	folds        int
	alike, wrong float64
	tune         bool
	out, mistake string
}

func run(files []string, o options, h how) error {
	all, err := read(files, o.seed)
	if err != nil {
		return err
	}
	fmt.Printf("%d documents in %d groups\n", len(all), group(all, h.alike))
	var rest, held []*document
	first := map[int]uint32{} // of each group: the hash of a text, so that more files hold out the same
	for _, d := range all {
		if _, ok := first[d.group]; !ok && d.Expand == 0 {
			first[d.group] = crc32.ChecksumIEEE([]byte(d.Text))
		}
		if d.Expand == 0 && first[d.group]%4 == 3 {
			held = append(held, d)
		} else {
			rest = append(rest, d)
		}
	}
	tuned, err := validate(rest, h.folds, false, o)
	if err != nil {
		return err
	}
	if h.tune {
		return report(os.Stdout, "groups that are not held out", tuned, nil, h)
	}
	m, err := learn(rest, o).model(rest)
	if err != nil {
		return err
	}
	var last []verdict
	for _, d := range held {
		last = append(last, verdict{d, float64(score(m, d)) / float64(m.Threshold), -1})
	}
	loose, err := validate(all, h.folds, true, o)
	if err != nil {
		return err
	}
	strict, err := validate(all, h.folds, false, o)
	if err != nil {
		return err
	}
	if err := errors.Join(report(os.Stdout, "held out", last, tuned, h), report(os.Stdout, "random", loose, nil, h),
		report(os.Stdout, "groups", strict, nil, h)); err != nil || h.out == "" {
		return err
	}
	if m, err = learn(all, o).model(all); err != nil {
		return err
	}
	margin, at := float64(m.Threshold), threshold(strict, h.wrong, -1)
	slope, offset := calibrate(strict, at)
	m.Threshold, m.Slope, m.Offset = int32(at*margin+0.5), slope/margin, offset
	fmt.Printf("weights of %d features; threshold %.3f of the margin, confidence there %.2f, at twice %.2f\n",
		m.Features(), at, sigmoid(slope*at+offset), sigmoid(2*slope*at+offset))
	return write(h.out, m)
}
