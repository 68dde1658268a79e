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

/* Its callback would have to run inside the language's machine, on a thread of the language, without leaving it by an
   exception; the store collects by itself. */
%ignore shale_reclaim;
%ignore shale_delete_range;
%ignore shale_count;
%ignore shale_estimate;
%ignore shale_compact;
%ignore shale_verify;
%ignore shale_salvage;
/* Loads of one caller a key are not part of the languages' layers: what they offer rests on put-if-absent. */
%ignore shale_get_or_lease;
%ignore shale_multi_get_or_lease;
%ignore shale_results_lease;
%ignore shale_lease_key;
%ignore shale_lease_fulfil;
%ignore shale_multi_lease_fulfil;
%ignore shale_lease_fail;
%ignore shale_lease_free;
%ignore shale_db_set_option;
%ignore shale_stats_prometheus;
%ignore shale_events_poll;

%include "../include/shale/shale.h"
