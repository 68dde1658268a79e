# bash completion for shale. Options of the store are asked from the tool itself, so they are never out of date.

_shale() {
  local commands='get put del incr scan load dump stats top serve-metrics exists ttl expire options destroy verify salvage rewrite backup restore count drop compact reclaim'
  local globals='--db --option --durability --key-file --memory --help --version'
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' i skip=0
  COMPREPLY=()
  # "=" and ":" are words of their own to readline: put "interval:100" and "name=value" together again.
  if declare -F _get_comp_words_by_ref >/dev/null; then _get_comp_words_by_ref -n =: cur prev; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if ((skip)); then skip=0; continue; fi
    case ${COMP_WORDS[i]} in
      -d | --db | -o | --option | --durability | --key-file | --memory) skip=1 ;;
      -* | = | :) ;;
      *) if [[ " $commands " == *" ${COMP_WORDS[i]} "* ]]; then command=${COMP_WORDS[i]}; break; fi ;;
    esac
  done
  case $prev in
    -d | --db) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
    -o | --option)
      compopt -o nospace
      mapfile -t COMPREPLY < <(compgen -S = -W "$(shale options 2>/dev/null | sed -n 's/ = .*//p')" -- "$cur")
      return ;;
    --durability) mapfile -t COMPREPLY < <(compgen -W 'os disk interval:' -- "$cur"); return ;;
    --key-file | --new-key-file) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --memory) mapfile -t COMPREPLY < <(compgen -W '64MiB 256MiB 1GiB 4GiB' -- "$cur"); return ;;
    --ttl) mapfile -t COMPREPLY < <(compgen -W '10s 5m 1h 1d never' -- "$cur"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W 'auto json text' -- "$cur"); return ;;
    --prefix | --from | --to | --limit | --token | --batch | --url | --interval | --count | --port) return ;;
  esac
  if [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands $globals" -- "$cur")
    return
  fi
  local flags=''
  case $command in
    get) flags='--json --hex' ;;
    exists | ttl | incr | expire) flags='--hex' ;;
    put) flags='--ttl --keep-ttl --if-absent --if-present --hex' ;;
    del) flags='--force --hex' ;;
    scan) flags='--prefix --from --to --reverse --limit --keys-only --token --print-token --hex --json' ;;
    load) flags='--format --batch --bulk --quiet --hex' ;;
    stats | options) flags='--json' ;;
    top) flags='--url --interval --count --plain' ;;
    serve-metrics) flags='--port' ;;
    destroy) flags='--yes' ;;
    verify | reclaim) flags='--json --quiet' ;;
    salvage | rewrite) flags='--json --quiet --new-key-file --decrypt' ;;
    backup) flags='--json --quiet --copy --incremental' ;;
    restore) flags='--json --quiet --incremental' ;;
    count) flags='--prefix --from --to --hex --estimate --json --quiet' ;;
    drop) flags='--prefix --from --to --hex --json --yes' ;;
    compact) flags='--prefix --from --to --hex --json --quiet' ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags $globals" -- "$cur")
  elif [[ $command == load ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  elif [[ " verify salvage rewrite backup restore " == *" $command "* ]]; then
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
  elif [[ $command == options ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(shale options 2>/dev/null | sed -n 's/ = .*//p')" -- "$cur")
  fi
}

complete -F _shale shale
