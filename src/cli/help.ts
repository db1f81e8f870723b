/** What `--help` prints. */
export const HELP = `Usage: runnel [options] [prompt]

Asks an agent and streams its answer. What comes on standard input is asked too, after the prompt.
With neither, at a terminal, a session begins; /help in it tells more.

  --server URL         ask that server, instead of answering in this process (RUNNEL_SERVER)
  --token TOKEN        act as the user of that bearer token (RUNNEL_TOKEN)
  --agent NAME         who answers
  --model NAME         with which model
  -c, --continue       go on with the newest conversation
  --conversation ID    go on with that conversation
  --follow RUN         follow a run that began elsewhere, from its start to its end
  --json               print the events of the run, one a line
  -q, --quiet          nothing but the answer, and what went wrong
  --no-color           no colours (NO_COLOR)
  -h, --help           this
  --version            the version

Ctrl-C stops the run and keeps what was said; once more leaves.
Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped.`;
