# fish completion for shale. Options of the store are asked from the tool itself, so they are never out of date.

set -l keyed get put del incr scan exists ttl expire load

function __shale_options
    shale options 2>/dev/null | string replace -rf '^(\S+) = .*' '$1'
end

complete -c shale -f
complete -c shale -s d -l db -x -a '(__fish_complete_directories)' -d 'Directory of the store'
complete -c shale -s o -l option -x -a '(__shale_options | string replace -r \'$\' =)' -d 'Set an option of the store'
complete -c shale -l durability -x -a 'os disk interval:' -d 'When a write is acknowledged'
complete -c shale -l memory -x -a '64MiB 256MiB 1GiB 4GiB' -d 'Memory budget'
complete -c shale -s h -l help -d 'Help'
complete -c shale -n __fish_use_subcommand -l version -d 'Version'

complete -c shale -n __fish_use_subcommand -a get -d 'Print the value of a key'
complete -c shale -n __fish_use_subcommand -a put -d 'Set a key to a value'
complete -c shale -n __fish_use_subcommand -a del -d 'Delete keys'
complete -c shale -n __fish_use_subcommand -a incr -d 'Add to a counter and print the sum'
complete -c shale -n __fish_use_subcommand -a scan -d 'Print rows in key order'
complete -c shale -n __fish_use_subcommand -a load -d 'Store rows from a file'
complete -c shale -n __fish_use_subcommand -a dump -d 'Print the whole store as JSON lines'
complete -c shale -n __fish_use_subcommand -a stats -d 'Print figures about the store'
complete -c shale -n __fish_use_subcommand -a top -d 'Watch the figures of a store'
complete -c shale -n __fish_use_subcommand -a serve-metrics -d 'Serve the figures of a store to Prometheus'
complete -c shale -n __fish_use_subcommand -a exists -d 'Tell by the exit code whether a key exists'
complete -c shale -n __fish_use_subcommand -a ttl -d 'Print the time that a key has left'
complete -c shale -n __fish_use_subcommand -a expire -d 'Give a key a new time to live'
complete -c shale -n __fish_use_subcommand -a options -d 'List the options of a store'
complete -c shale -n __fish_use_subcommand -a destroy -d 'Remove the whole store'

complete -c shale -n "__fish_seen_subcommand_from $keyed" -l hex -d 'Keys and values are hexadecimal'
complete -c shale -n '__fish_seen_subcommand_from get scan stats options' -l json -d 'Print JSON'
complete -c shale -n '__fish_seen_subcommand_from put' -l ttl -x -a '10s 5m 1h 1d never' -d 'Time to live'
complete -c shale -n '__fish_seen_subcommand_from put' -l keep-ttl -d 'Keep the present deadline'
complete -c shale -n '__fish_seen_subcommand_from put' -l if-absent -d 'Only a new key'
complete -c shale -n '__fish_seen_subcommand_from put' -l if-present -d 'Only an existing key'
complete -c shale -n '__fish_seen_subcommand_from del' -s f -l force -d 'Absent keys are no matter'
complete -c shale -n '__fish_seen_subcommand_from scan' -l prefix -x -d 'Keys that start with this'
complete -c shale -n '__fish_seen_subcommand_from scan' -l from -x -d 'Keys from this one on'
complete -c shale -n '__fish_seen_subcommand_from scan' -l to -x -d 'Keys before this one'
complete -c shale -n '__fish_seen_subcommand_from scan' -l reverse -d 'From the highest key down'
complete -c shale -n '__fish_seen_subcommand_from scan' -l limit -x -d 'At most N rows'
complete -c shale -n '__fish_seen_subcommand_from scan' -l keys-only -d 'No values'
complete -c shale -n '__fish_seen_subcommand_from scan' -l token -x -d 'Go on after a page'
complete -c shale -n '__fish_seen_subcommand_from scan' -l print-token -d 'Print where the next page begins'
complete -c shale -n '__fish_seen_subcommand_from load' -F
complete -c shale -n '__fish_seen_subcommand_from load' -l format -x -a 'auto json text' -d 'Form of the lines'
complete -c shale -n '__fish_seen_subcommand_from load' -l batch -x -d 'Rows in an atomic batch'
complete -c shale -n '__fish_seen_subcommand_from load' -s q -l quiet -d 'No progress, no summary'
complete -c shale -n '__fish_seen_subcommand_from options' -a '(__shale_options)'
complete -c shale -n '__fish_seen_subcommand_from destroy' -l yes -d 'Yes, remove all of it'
complete -c shale -n '__fish_seen_subcommand_from top' -l url -x -d 'Where another process serves its figures'
complete -c shale -n '__fish_seen_subcommand_from top' -l interval -x -d 'Seconds between two looks'
complete -c shale -n '__fish_seen_subcommand_from top' -l count -x -d 'End after N looks'
complete -c shale -n '__fish_seen_subcommand_from top' -l plain -d 'Lines of text'
complete -c shale -n '__fish_seen_subcommand_from serve-metrics' -l port -x -d 'Port on 127.0.0.1'
