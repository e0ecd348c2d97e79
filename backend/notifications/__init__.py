"""Web Push: tells the phones that want to know when a run has ended."""
