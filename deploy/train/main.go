// Command train learns the weights of classifiers/injection from corpora of prompts.
package main

import (
	"flag"
	"fmt"
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
are made of it; it is an injection when it has a kind.

To retrain on your own data, give your files after examples.jsonl, with as many innocent
texts of your own kind as you can get (at least some thousand: prompts, tool results,
documents), and build sluice with the file that is written:

  cd deploy/train
  go run . -out ../../classifiers/injection/weights.bin examples.jsonl prompts.jsonl.gz attacks.jsonl

The same files, in the same order, and the same flags give the same weights. What is
printed is measured on documents that were not learned from: the corpus is cut in folds
along groups of near copies, and each is judged by weights learned from the others. The
threshold is the lowest that keeps innocent texts under -false.

flags:
`

func main() {
	o := options{}
	out := flag.String("out", "", "file to write the weights to; none: only measure")
	errors := flag.String("mistakes", "", "file to write the documents to that were judged wrongly, as JSON lines")
	folds := flag.Int("folds", 5, "parts of the cross-validation")
	alike := flag.Float64("alike", 0.6, "share of four-word runs that makes two texts near copies")
	wrong := flag.Float64("false", 0.002, "share of innocent texts that may be reported")
	hard := flag.String("hard", "", "part of the names of the files whose innocent texts -false is about; none: all files")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of all that is random")
	flag.IntVar(&o.epochs, "epochs", 14, "passes over the corpus")
	flag.IntVar(&o.groups, "groups", 3, "groups of near copies that a feature must occur in")
	flag.Float64Var(&o.drift, "drift", 0.08, "what each word of a passage costs")
	flag.Float64Var(&o.drop, "drop", 4, "loss that ends a passage")
	flag.Float64Var(&o.margin, "margin", 5, "score at which a passage is as likely an injection as not")
	flag.Float64Var(&o.gap, "gap", 0.3, "how far from the margin injections and innocent texts are pushed")
	flag.Float64Var(&o.rate, "rate", 0.3, "step of the descent")
	flag.Float64Var(&o.decay, "decay", 0.005, "L2 regularisation")
	flag.Float64Var(&o.sparse, "sparse", 0.02, "L1 regularisation")
	flag.Float64Var(&o.negative, "negative", 4, "weight of an innocent text beside that of an injection")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), o, *folds, *alike, *wrong, *hard, *out, *errors); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(files []string, o options, folds int, alike, wrong float64, hard, out, errors string) error {
	all, err := read(files, o.seed)
	if err != nil {
		return err
	}
	fmt.Printf("%d documents in %d groups\n", len(all), group(all, alike))
	scores := validate(all, folds, o)
	at := threshold(all, scores, wrong, hard)
	slope, offset := calibrate(all, scores, at)
	fmt.Printf("threshold %.3f of the margin; confidence there %.2f, at twice %.2f\n", at, sigmoid(slope*at+offset), sigmoid(2*slope*at+offset))
	curve(os.Stdout, all, scores, hard)
	table(os.Stdout, all, scores, at)
	if errors != "" {
		if err := mistakes(errors, all, scores, at); err != nil {
			return err
		}
	}
	if out == "" {
		return nil
	}
	m := learn(all, o).model(all)
	margin := float64(m.Threshold)
	m.Threshold, m.Slope, m.Offset = int32(at*margin+0.5), slope/margin, offset
	fmt.Printf("weights of %d features\n", used(m))
	return write(out, m)
}
