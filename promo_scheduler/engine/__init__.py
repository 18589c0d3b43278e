"""The passing of time: clocks, the wake-up, the dispatcher, and the daemon that they make.

An engine only says 'these events may be due'; the ledger decides (law 9). Where the process can
die, and what happens then:

    before a claim is committed      nothing was begun; another claim follows
    after the claim                  the event is claimed; the next daemon finds it uncertain
    during the calls to the channel  the same; the channel is read before anything is done again
    after the effect, unsettled      the same; `find` sees the effect, and it is not repeated
    after the settlement             it is on record, with its audit entry
"""
