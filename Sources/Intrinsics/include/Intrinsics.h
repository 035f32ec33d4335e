// Intrinsics: the vector instructions that Swift's own SIMD types do not reach in one step.
// A header alone: each Swift target inlines these with the instruction set it is compiled for.
#ifndef PLUMBLINE_INTRINSICS_H
#define PLUMBLINE_INTRINSICS_H

typedef float PlumblineFloat4 __attribute__((ext_vector_type(4)));
typedef float PlumblineFloat8 __attribute__((ext_vector_type(8)));
typedef float PlumblineFloat16 __attribute__((ext_vector_type(16)));

#define PLUMBLINE_INLINE static inline __attribute__((always_inline))

// Without the instruction a fused multiply-add is a call into the C library for each lane; the
// rounding then differs, the laws' bounds do not.
#if defined(__FMA__) || defined(__aarch64__)
#define PLUMBLINE_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define PLUMBLINE_FMA(a, b, c) ((a) * (b) + (c))
#endif

#define PLUMBLINE_VECTOR(Type, lanes)                                                     \
  PLUMBLINE_INLINE Type plumbline_fma##lanes(Type a, Type b, Type c) {                    \
    return PLUMBLINE_FMA(a, b, c);                                                        \
  }                                                                                       \
  PLUMBLINE_INLINE Type plumbline_sqrt##lanes(Type a) {                                   \
    return __builtin_elementwise_sqrt(a);                                                 \
  }                                                                                       \
  PLUMBLINE_INLINE Type plumbline_max##lanes(Type a, Type b) { return a > b ? a : b; }    \
  PLUMBLINE_INLINE Type plumbline_min##lanes(Type a, Type b) { return a < b ? a : b; }

PLUMBLINE_VECTOR(PlumblineFloat4, 4)
PLUMBLINE_VECTOR(PlumblineFloat8, 8)
PLUMBLINE_VECTOR(PlumblineFloat16, 16)

typedef double PlumblineDouble8 __attribute__((ext_vector_type(8)));

PLUMBLINE_INLINE PlumblineDouble8 plumbline_widen8(PlumblineFloat8 a) {
  return __builtin_convertvector(a, PlumblineDouble8);
}

// Tells the processor that a loop waits, so that its twin thread gets on.
PLUMBLINE_INLINE void plumbline_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// 0: the baseline of the architecture; 1: AVX2 with FMA; 2: AVX-512 (F, BW, DQ, VL).
PLUMBLINE_INLINE int plumbline_simd_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return 2;
  return 1;
#else
  return 0;
#endif
}

// Gives back what the allocator keeps for later, before the memory of the process is read.
PLUMBLINE_INLINE void plumbline_trim(void) {
#if defined(__linux__)
  // Weak, because not every C library has it, and none of its headers is read here.
  extern int malloc_trim(unsigned long) __attribute__((weak));
  if (malloc_trim) malloc_trim(0);
#endif
}

#endif
