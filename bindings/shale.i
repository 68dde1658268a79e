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

/* Stores with a key: from C and by the command. What works on a store that is not open: the command. */
%ignore shale_options_set_key;
%ignore shale_verify_with;
%ignore shale_salvage_with;
%ignore shale_rewrite;
%include "../include/shale/shale.h"
