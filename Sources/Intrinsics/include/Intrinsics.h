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

// Four steps of as many rows as a vector has lanes, turned: `target` receives four rows of lanes.
// A vector is put together from a quarter of each fourth row, so that no shuffle leaves its quarter.
typedef PlumblineFloat4 PlumblineAnyFloat4 __attribute__((aligned(4)));
typedef PlumblineFloat8 PlumblineAnyFloat8 __attribute__((aligned(4)));
typedef PlumblineFloat16 PlumblineAnyFloat16 __attribute__((aligned(4)));

// Macros, because a function that returns a vector wider than the registers warns of its ABI.
#define PLUMBLINE_GATHER4(source, stride) (*(const PlumblineAnyFloat4 *)(source))
#define PLUMBLINE_GATHER8(source, stride)                                                  \
  __builtin_shufflevector(                                                                 \
      PLUMBLINE_GATHER4(source, stride), PLUMBLINE_GATHER4((source) + 4 * (stride), stride), \
      0, 1, 2, 3, 4, 5, 6, 7)
#define PLUMBLINE_GATHER16(source, stride)                                                 \
  __builtin_shufflevector(                                                                 \
      PLUMBLINE_GATHER8(source, stride), PLUMBLINE_GATHER8((source) + 8 * (stride), stride), \
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

#define PLUMBLINE_LOW4(n) 0, n, 1, n + 1
#define PLUMBLINE_HIGH4(n) 2, n + 2, 3, n + 3
#define PLUMBLINE_FIRST4(n) 0, 1, n, n + 1
#define PLUMBLINE_LAST4(n) 2, 3, n + 2, n + 3
#define PLUMBLINE_LOW8(n) PLUMBLINE_LOW4(n), 4, n + 4, 5, n + 5
#define PLUMBLINE_HIGH8(n) PLUMBLINE_HIGH4(n), 6, n + 6, 7, n + 7
#define PLUMBLINE_FIRST8(n) PLUMBLINE_FIRST4(n), 4, 5, n + 4, n + 5
#define PLUMBLINE_LAST8(n) PLUMBLINE_LAST4(n), 6, 7, n + 6, n + 7
#define PLUMBLINE_LOW16(n) PLUMBLINE_LOW8(n), 8, n + 8, 9, n + 9, 12, n + 12, 13, n + 13
#define PLUMBLINE_HIGH16(n) PLUMBLINE_HIGH8(n), 10, n + 10, 11, n + 11, 14, n + 14, 15, n + 15
#define PLUMBLINE_FIRST16(n) PLUMBLINE_FIRST8(n), 8, 9, n + 8, n + 9, 12, 13, n + 12, n + 13
#define PLUMBLINE_LAST16(n) PLUMBLINE_LAST8(n), 10, 11, n + 10, n + 11, 14, 15, n + 14, n + 15

#define PLUMBLINE_TURN(lanes)                                                                 \
  PLUMBLINE_INLINE void plumbline_turn##lanes(                                                \
      const float *source, long stride, float *target, long width) {                          \
    PlumblineFloat##lanes a = PLUMBLINE_GATHER##lanes(source, stride);                        \
    PlumblineFloat##lanes b = PLUMBLINE_GATHER##lanes(source + stride, stride);               \
    PlumblineFloat##lanes c = PLUMBLINE_GATHER##lanes(source + 2 * stride, stride);           \
    PlumblineFloat##lanes d = PLUMBLINE_GATHER##lanes(source + 3 * stride, stride);           \
    PlumblineFloat##lanes lowAB = __builtin_shufflevector(a, b, PLUMBLINE_LOW##lanes(lanes)); \
    PlumblineFloat##lanes lowCD = __builtin_shufflevector(c, d, PLUMBLINE_LOW##lanes(lanes)); \
    PlumblineFloat##lanes topAB = __builtin_shufflevector(a, b, PLUMBLINE_HIGH##lanes(lanes));\
    PlumblineFloat##lanes topCD = __builtin_shufflevector(c, d, PLUMBLINE_HIGH##lanes(lanes));\
    *(PlumblineAnyFloat##lanes *)target =                                                     \
        __builtin_shufflevector(lowAB, lowCD, PLUMBLINE_FIRST##lanes(lanes));                 \
    *(PlumblineAnyFloat##lanes *)(target + width) =                                           \
        __builtin_shufflevector(lowAB, lowCD, PLUMBLINE_LAST##lanes(lanes));                  \
    *(PlumblineAnyFloat##lanes *)(target + 2 * width) =                                       \
        __builtin_shufflevector(topAB, topCD, PLUMBLINE_FIRST##lanes(lanes));                 \
    *(PlumblineAnyFloat##lanes *)(target + 3 * width) =                                       \
        __builtin_shufflevector(topAB, topCD, PLUMBLINE_LAST##lanes(lanes));                  \
  }

PLUMBLINE_TURN(4)
PLUMBLINE_TURN(8)
PLUMBLINE_TURN(16)

// Asks for a line that will be read soon; any address will do.
PLUMBLINE_INLINE void plumbline_prefetch(const void *address) {
  __builtin_prefetch(address, 0, 3);
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
