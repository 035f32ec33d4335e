// Intrinsics: a C target needs one source file; everything is in the header.
#include "Intrinsics.h"
