// Kernels: placeholder until the first type arrives.
// Removed with the first file of this room.
