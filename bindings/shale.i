/* The one interface file: SWIG reads the public header through it, and a typemap file says what the header's shapes become in
   each language. What comes out is a raw layer that users do not see; the idiomatic one is written by hand on top of it. */
%module shale
%{
#include <shale/shale.h>
%}

#if defined(SWIGJAVA)
%include "java/java.i"
#elif defined(SWIGGO)
%include "go/go.i"
#elif defined(SWIGRUBY)
%include "ruby/ruby.i"
#endif

%include "../include/shale/shale.h"
