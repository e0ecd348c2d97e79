"""Phones and a server with everything that goes wrong between them; `python -m tests.simulation --help` says how to run it.

A seed decides everything: the edits of three phones, what the network loses, repeats and delays, crashes, and the disaster of
the mode. The phones run the app's own storage and sync code in Node (`pwa/simulation`), the server is the real application over a
real database, called without a network stack. After the last edit everything late is delivered and the phones sync without
faults until nothing changes; then the end is compared with the ledger of all edits.

The rules of the ledger:

- An edit knows the edits that the edited document included. Its values replace the values of the same place that it knows.
  The final value of each place must be one that no edit replaced. Of two that do not know each other either may stand, if the
  other is in a conflict record.
- A component or design that nobody deleted must be there. One that was deleted by an edit that knew all edits of it must not.
  One that was deleted and edited at the same time may be there or not, but a design with an unseen edit must be there.
- A phone whose storage is put back from a copy, or replaced by that of another phone, knows from then on what the copy knew: its
  later edits are concurrent with all it forgot. Edits that it had not delivered by then may be missing; an edit counts as
  delivered once the server answered 200 to a call that carried it, whether or not the answer arrived. Edits that were not
  delivered when a copy was made are made again when it is used: what replaced them the first time is concurrent with the second.
- An edit that was never stored on its phone does not count.
- A conflict between devices that are all gone, since their storage was replaced by that of another phone, need not reach a phone.
- When the server's data are put back, deletions of designs that the copy does not know may be undone, since no phone keeps a
  design that was deleted.
"""
