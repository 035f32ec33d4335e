// AllocationCounter: how often the current thread asked for heap memory.
// In C, because it stands in the place of the C library's own functions.
#ifndef PLUMBLINE_ALLOCATION_COUNTER_H
#define PLUMBLINE_ALLOCATION_COUNTER_H

// Whether allocations are counted here; a sanitizer needs the functions for itself.
int plumbline_counts_allocations(void);

// Calls that asked for memory on the current thread so far.
long plumbline_allocations(void);

#endif
