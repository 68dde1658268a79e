/* One letter an argument (p: pointer, i: number) becomes what packs the arguments of a SWIG wrapper for the
 * trip without the GVL (FILL), and what takes them out on the other side (PASS). */
#ifndef SHALE_RUBY_TRIP_H_
#define SHALE_RUBY_TRIP_H_

#define SHALE_RB_AS_p(X) ((void*)(X))
#define SHALE_RB_AS_i(X) ((int64_t)(X))
#define SHALE_RB_FILL(KIND, ARG) \
  { .KIND = SHALE_RB_AS_##KIND(ARG) }

#define SHALE_RB_FILL_2(a, b) SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2)
#define SHALE_RB_PASS_2(a, b) call->word[0].a, call->word[1].b
#define SHALE_RB_FILL_3(a, b, c) SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3)
#define SHALE_RB_PASS_3(a, b, c) call->word[0].a, call->word[1].b, call->word[2].c
#define SHALE_RB_FILL_4(a, b, c, d) \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4)
#define SHALE_RB_PASS_4(a, b, c, d) call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d
#define SHALE_RB_FILL_5(a, b, c, d, e)                                                            \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4), \
      SHALE_RB_FILL(e, arg5)
#define SHALE_RB_PASS_5(a, b, c, d, e) \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e
#define SHALE_RB_FILL_6(a, b, c, d, e, f)                                                         \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4), \
      SHALE_RB_FILL(e, arg5), SHALE_RB_FILL(f, arg6)
#define SHALE_RB_PASS_6(a, b, c, d, e, f) \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e, call->word[5].f
#define SHALE_RB_FILL_7(a, b, c, d, e, f, g)                                                      \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4), \
      SHALE_RB_FILL(e, arg5), SHALE_RB_FILL(f, arg6), SHALE_RB_FILL(g, arg7)
#define SHALE_RB_PASS_7(a, b, c, d, e, f, g)                                                            \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e, call->word[5].f, \
      call->word[6].g
#define SHALE_RB_FILL_9(a, b, c, d, e, f, g, h, i)                                                    \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4),     \
      SHALE_RB_FILL(e, arg5), SHALE_RB_FILL(f, arg6), SHALE_RB_FILL(g, arg7), SHALE_RB_FILL(h, arg8), \
      SHALE_RB_FILL(i, arg9)
#define SHALE_RB_PASS_9(a, b, c, d, e, f, g, h, i)                                                      \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e, call->word[5].f, \
      call->word[6].g, call->word[7].h, call->word[8].i
#define SHALE_RB_FILL_10(a, b, c, d, e, f, g, h, i, j)                                                \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4),     \
      SHALE_RB_FILL(e, arg5), SHALE_RB_FILL(f, arg6), SHALE_RB_FILL(g, arg7), SHALE_RB_FILL(h, arg8), \
      SHALE_RB_FILL(i, arg9), SHALE_RB_FILL(j, arg10)
#define SHALE_RB_PASS_10(a, b, c, d, e, f, g, h, i, j)                                                  \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e, call->word[5].f, \
      call->word[6].g, call->word[7].h, call->word[8].i, call->word[9].j
#define SHALE_RB_FILL_11(a, b, c, d, e, f, g, h, i, j, k)                                             \
  SHALE_RB_FILL(a, arg1), SHALE_RB_FILL(b, arg2), SHALE_RB_FILL(c, arg3), SHALE_RB_FILL(d, arg4),     \
      SHALE_RB_FILL(e, arg5), SHALE_RB_FILL(f, arg6), SHALE_RB_FILL(g, arg7), SHALE_RB_FILL(h, arg8), \
      SHALE_RB_FILL(i, arg9), SHALE_RB_FILL(j, arg10), SHALE_RB_FILL(k, arg11)
#define SHALE_RB_PASS_11(a, b, c, d, e, f, g, h, i, j, k)                                               \
  call->word[0].a, call->word[1].b, call->word[2].c, call->word[3].d, call->word[4].e, call->word[5].f, \
      call->word[6].g, call->word[7].h, call->word[8].i, call->word[9].j, call->word[10].k

#endif /* SHALE_RUBY_TRIP_H_ */
