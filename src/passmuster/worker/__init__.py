"""Workers: take jobs from the queue, call one use case each."""
