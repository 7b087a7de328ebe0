# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_aifd_global_optspecs
    string join \n q/quiet h/help V/version
end

function __fish_aifd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_aifd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_aifd_using_subcommand
    set -l cmd (__fish_aifd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c aifd -n "__fish_aifd_needs_command" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_needs_command" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_needs_command" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "run" -d 'Forward requests until told to stop'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "keys" -d 'Make, list, change and remove forward keys: what callers hold in the place of the upstream\'s keys'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "cache" -d 'Show, list, empty, export and fill the cache of answers'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "convert" -d 'Turn chat logs into datasets, and datasets into each other and back'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "usage" -d 'Show the requests and tokens of keys'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "logs" -d 'Follow, show, count and search chat logs'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "status" -d 'Show how the running server does'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "config" -d 'Check, show and explain the configuration'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "gen-config" -d 'Write a commented openai-forward-config.yaml'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "man" -d 'Print a manual page, or write all of them into a directory'
complete -c aifd -n "__fish_aifd_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand run" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand run" -l host -d 'Address to listen on [default: 0.0.0.0]' -r -f -a "(__fish_print_hostnames)"
complete -c aifd -n "__fish_aifd_using_subcommand run" -l port -d 'Port to listen on; 0 lets the system choose [default: 8000]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l workers -d 'Worker threads, one event loop each [default: one a core]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l webui -d 'Serve the web console as well' -r -f -a "true\t''
false\t''"
complete -c aifd -n "__fish_aifd_using_subcommand run" -l ui-port -d 'Port of the web console [default: 8001]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l start-ui -d 'Whether openai-forward\'s web console opens; `False` is the same as no `--webui`' -r -f -a "true\t''
false\t''"
complete -c aifd -n "__fish_aifd_using_subcommand run" -l log-level -d 'Least level written to standard error: error, warn, info, debug, trace, or directives such as `aifd_core=debug,warn` [default: info]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l log-format -d 'Form of the lines on standard error [default: text]' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c aifd -n "__fish_aifd_using_subcommand run" -l benchmark -d 'Add /benchmark/v1/chat/completions, which answers by itself' -r -f -a "true\t''
false\t''"
complete -c aifd -n "__fish_aifd_using_subcommand run" -l cache-mode -d 'How the cache is used: normal, record, replay, refresh or off [default: normal]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l cache-timing -d 'Whether recorded streams are replayed at once (fast) or in the time that they took (real) [default: fast]' -r
complete -c aifd -n "__fish_aifd_using_subcommand run" -l data-dir -d 'Folder of the store and of the control socket [default: ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand run" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand run" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "create" -d 'Make a key, and print its secret, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "list" -d 'List keys, those of the configuration included'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "show" -d 'Show all that is known of a key'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "update" -d 'Change what keys may do'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "disable" -d 'Switch keys off: they are refused until they are enabled again'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "enable" -d 'Switch keys on again'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "rotate" -d 'Give a key a new secret, and print it, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "delete" -d 'Delete keys for good'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "import" -d 'Make keys from a file: openai-forward\'s configuration, JSON or CSV'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "export" -d 'Print the keys of the store, to be imported elsewhere'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and not __fish_seen_subcommand_from create list show update disable enable rotate delete import export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l name -d 'What it is called' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l level -d 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l model -d 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l route -d 'Routes that it may use, as they stand in the configuration: /anthropic' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l requests -d 'Requests that it may make: 100/2minutes;600/hour' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l tokens -d 'Tokens that it may use, prompts and answers together: 1000000/day' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l concurrent -d 'Requests that it may have under way at once' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l expires -d 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l metadata -d 'Something to remember of it: team=search' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l disabled -d 'Make it switched off'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l secret-stdin -d 'Read the secret from standard input instead of making a random one'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l state -d 'Those in this state alone' -r -f -a "active\t'It can'
disabled\t'It was switched off'
expired\t'Its time is over'"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l level -d 'Those of this level alone' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l model -d 'Those that may use this model alone' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l name -d 'Those whose name this pattern matches alone: team-*' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l unused-for -d 'Those that were not used for so long alone: 30d' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l name -d 'What it is called' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l level -d 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l model -d 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l route -d 'Routes that it may use, as they stand in the configuration: /anthropic' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l requests -d 'Requests that it may make: 100/2minutes;600/hour' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l tokens -d 'Tokens that it may use, prompts and answers together: 1000000/day' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l concurrent -d 'Requests that it may have under way at once' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l expires -d 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l metadata -d 'Something to remember of it: team=search' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l no-expiry -d 'Let it never end'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l no-requests -d 'Let it make as many requests as it wants'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l no-tokens -d 'Let it use as many tokens as it wants'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l no-concurrent -d 'Let it have as many requests under way as it wants'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l any-model -d 'Let it use every model that its level may'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l any-route -d 'Let it use every route'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from update" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from disable" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from enable" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l grace -d 'How long the old secret stays good: 24h [default: it ends at once]' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l secret-stdin -d 'Read the new secret from standard input instead of making a random one'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Do not ask, although the old secret ends at once'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -l format -d 'What the file is' -r -f -a "auto\t'What its name or its first line says'
json\t'A JSON array of keys, or an export'
csv\t'A table with a first line that names its columns'
env\t'A .env file of openai-forward'
yaml\t'A configuration file of openai-forward'"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -l level -d 'Level of the keys that name none' -r
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -l dry-run -d 'Check all of it, and store nothing'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -l format -d 'Form of the export' -r -f -a "json\t'A JSON array, or an object with hashes'
csv\t'A table with a first line that names its columns'"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -l with-hashes -d 'Export the hashes of the secrets too, so that they stay good (JSON only)'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -s f -l force -d 'Replace an existing file'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make a key, and print its secret, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "list" -d 'List keys, those of the configuration included'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all that is known of a key'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "update" -d 'Change what keys may do'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Switch keys off: they are refused until they are enabled again'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Switch keys on again'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Give a key a new secret, and print it, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete keys for good'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "import" -d 'Make keys from a file: openai-forward\'s configuration, JSON or CSV'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print the keys of the store, to be imported elsewhere'
complete -c aifd -n "__fish_aifd_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "stats" -d 'Show what the cache holds, and how much it saved'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "list" -d 'List answers'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "show" -d 'Show one answer and its request'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "purge" -d 'Forget answers: all of them, or those that the filters take'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "verify" -d 'Read every answer, and forget those that are damaged'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "compact" -d 'Give back the room on disk that forgotten answers took'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "export" -d 'Write answers to a file'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "import" -d 'Put answers in that were exported'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and not __fish_seen_subcommand_from stats list show purge verify compact export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from stats" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l model -d 'Of this model alone: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l route -d 'Of this route alone: its prefix' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l older-than -d 'Stored at least so long ago: 7d' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l newer-than -d 'Stored at most so long ago: 1h' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l larger-than -d 'Of so many bytes at least: 1MB' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l smaller-than -d 'Of so many bytes at most' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l contains -d 'With this text in the request or the answer' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l model -d 'Of this model alone: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l route -d 'Of this route alone: its prefix' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l older-than -d 'Stored at least so long ago: 7d' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l newer-than -d 'Stored at most so long ago: 1h' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l larger-than -d 'Of so many bytes at least: 1MB' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l smaller-than -d 'Of so many bytes at most' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l contains -d 'With this text in the request or the answer' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l dry-run -d 'Only tell what would go'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from purge" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from compact" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l model -d 'Of this model alone: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l route -d 'Of this route alone: its prefix' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l older-than -d 'Stored at least so long ago: 7d' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l newer-than -d 'Stored at most so long ago: 1h' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l larger-than -d 'Of so many bytes at least: 1MB' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l smaller-than -d 'Of so many bytes at most' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l contains -d 'With this text in the request or the answer' -r
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -s f -l force -d 'Replace an existing file'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from export" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from import" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from import" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Show what the cache holds, and how much it saved'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "list" -d 'List answers'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one answer and its request'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "purge" -d 'Forget answers: all of them, or those that the filters take'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Read every answer, and forget those that are damaged'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "compact" -d 'Give back the room on disk that forgotten answers took'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write answers to a file'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "import" -d 'Put answers in that were exported'
complete -c aifd -n "__fish_aifd_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s o -l output -l target-path -d 'File to write, or folder for parquet; `-` is standard output' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l log-folder -d 'Folder of the logs, as openai-forward names it' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s f -l format -d 'What is written' -r -f -a "openai-forward\t'openai-forward\'s JSON array'
jsonl\t'A line for each exchange, with all that is known'
openai\t'OpenAI\'s fine-tuning files'
sharegpt\t'LLaMA-Factory\'s sharegpt format'
alpaca\t'LLaMA-Factory\'s alpaca format'
csv\t'A table'
parquet\t'Parquet files as the Hugging Face hub has them'
log\t'openai-forward\'s log lines'"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l from -d 'What is read' -r -f -a "auto\t'What the first file says'
log\t'Logs, of both forms'
jsonl\t'Exchanges a line'
openai-forward\t'openai-forward\'s JSON array'
openai\t'OpenAI\'s fine-tuning files'
sharegpt\t'LLaMA-Factory\'s sharegpt format'
alpaca\t'LLaMA-Factory\'s alpaca format'
csv\t'A table'
parquet\t'Parquet files'"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l weight -d 'Which answers of logs fine-tuning files give weight to: the last of each conversation, or all' -r -f -a "last\t'The last: earlier ones get weight 0, they are the last of exchanges of their own'
all\t'All'"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l shard-size -d 'Size at which a further Parquet file begins: 500MB' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l since -d 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l until -d 'Not after; a day is meant to its end' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l model -d 'Of these models alone, asked for or answering: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l key -d 'Of these forward keys alone: their ids' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l route -d 'Of these routes alone: their prefixes' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l status -d 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l finish-reason -d 'That the model ended for these reasons alone: stop, tool_calls' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l end -d 'That ended so alone; an answer of status 400 and above failed, however whole it came' -r -f -a "complete\t'The whole answer came, and is no error'
failed\t'It was an error (status 400 and above), or broke off'
cancelled\t'The caller went away'"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l min-turns -d 'With that many messages of the user at least' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l max-tokens -d 'With that many tokens at most: as the provider counted, else a quarter of the bytes of the texts' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l dedupe -d 'Drop what is the same: all of it, the prompt, or the earlier turns of a conversation that goes on' -r -f -a "exact\t'Messages, tools and answer: the first is kept'
prompt\t'Messages and tools: the first is kept'
prefix\t'What another conversation goes on with: the longest is kept'"
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l sample -d 'Draw that many, the same ones each time' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l seed -d 'Draw others' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l split -d 'Write parts: train=0.9,test=0.1; a conversation stays in its part when data is added' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l redact -d 'Cut out what looks like these: api_keys, bearer_tokens, emails, cards, phones or all [default: all]' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l redact-pattern -d 'Cut out what this regular expression matches' -r
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l compat -d 'Write what openai-forward writes, byte for byte, with what it loses lost'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l strict -d 'Malformed lines are an error: nothing is written'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l json -d 'Print the report as JSON'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -l has-tools -d 'That had tools, or called one'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand convert" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand usage" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l since -d 'First day, as a date or as how long ago: 2027-01-31, 7d' -r
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l until -d 'Last day' -r
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l key -d 'Of this key alone: its id or name' -r
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l model -d 'Of models that this pattern matches alone: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l by -d 'What to sum by' -r -f -a "day\t'Each day apart'
key\t'Each key apart'
model\t'Each model apart'"
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand usage" -l csv -d 'Print CSV instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand usage" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand usage" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -f -a "tail" -d 'Show the newest exchanges, a line each, and those to come'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -f -a "show" -d 'Show all of one exchange'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -f -a "stats" -d 'Count exchanges, failures, tokens and times'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -f -a "grep" -d 'Search what was said'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and not __fish_seen_subcommand_from tail show stats grep help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -s n -l number -d 'How many exchanges' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l since -d 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l until -d 'Not after; a day is meant to its end' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l model -d 'Of these models alone, asked for or answering: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l key -d 'Of these forward keys alone: their ids' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l route -d 'Of these routes alone: their prefixes' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l status -d 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l kind -d 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -s f -l follow -d 'Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -l json -d 'Print each exchange whole, as a line of JSON'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from tail" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from show" -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l by -d 'What to sum by' -r -f -a "day\t'Each day apart'
key\t'Each key apart'
model\t'Each model apart'
route\t'Each route apart'
status\t'Each status apart'"
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l since -d 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l until -d 'Not after; a day is meant to its end' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l model -d 'Of these models alone, asked for or answering: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l key -d 'Of these forward keys alone: their ids' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l route -d 'Of these routes alone: their prefixes' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l status -d 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l kind -d 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -l csv -d 'Print CSV instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from stats" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l role -d 'In what these said alone' -r -f -a "user\t'Who asks; also what was sent that is no conversation'
assistant\t'The model'
system\t'Instructions, also those of the role `developer`'
tool\t'Results of tools'
error\t'Errors that were answered'"
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l since -d 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l until -d 'Not after; a day is meant to its end' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l model -d 'Of these models alone, asked for or answering: gpt-4o*' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l key -d 'Of these forward keys alone: their ids' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l route -d 'Of these routes alone: their prefixes' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l status -d 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l kind -d 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general' -r
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s i -l ignore-case -d 'Capitals and small letters are the same'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s F -l fixed-strings -d 'The pattern is a text'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s c -l count -d 'Print only how many exchanges match'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s l -l uids -d 'Print only the uids of the exchanges that match'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -l json -d 'Print JSON lines'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from grep" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from help" -f -a "tail" -d 'Show the newest exchanges, a line each, and those to come'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all of one exchange'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Count exchanges, failures, tokens and times'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from help" -f -a "grep" -d 'Search what was said'
complete -c aifd -n "__fish_aifd_using_subcommand logs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand status" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand status" -l data-dir -d 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand status" -l json -d 'Print JSON instead of tables'
complete -c aifd -n "__fish_aifd_using_subcommand status" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand status" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "check" -d 'List every problem of the configuration, and what is not yet in effect'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "show" -d 'Show what holds and where each value came from, secrets masked'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "init" -d 'Write a commented configuration file'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "schema" -d 'Print the JSON Schema of the configuration file, for editors'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "env" -d 'List every environment variable: its meaning, default and key'
complete -c aifd -n "__fish_aifd_using_subcommand config; and not __fish_seen_subcommand_from check show init schema env help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from check" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from show" -s c -l config -d 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]' -r -F
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from init" -s f -l force -d 'Replace an existing file'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from schema" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from env" -l json -d 'Print JSON instead of a table'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from env" -l markdown -d 'Print a Markdown table, as the README has it'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from env" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from env" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from env" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'List every problem of the configuration, and what is not yet in effect'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what holds and where each value came from, secrets masked'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a commented configuration file'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of the configuration file, for editors'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "env" -d 'List every environment variable: its meaning, default and key'
complete -c aifd -n "__fish_aifd_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand gen-config" -l dir -d 'Directory to write into' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand gen-config" -s f -l force -d 'Replace an existing file'
complete -c aifd -n "__fish_aifd_using_subcommand gen-config" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand gen-config" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand gen-config" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand completions" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand completions" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand completions" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand man" -l dir -d 'Write the page of every command into this directory' -r -f -a "(__fish_complete_directories)"
complete -c aifd -n "__fish_aifd_using_subcommand man" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand man" -s h -l help -d 'Print help'
complete -c aifd -n "__fish_aifd_using_subcommand man" -s V -l version -d 'Print version'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "run" -d 'Forward requests until told to stop'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "keys" -d 'Make, list, change and remove forward keys: what callers hold in the place of the upstream\'s keys'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "cache" -d 'Show, list, empty, export and fill the cache of answers'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "convert" -d 'Turn chat logs into datasets, and datasets into each other and back'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "usage" -d 'Show the requests and tokens of keys'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "logs" -d 'Follow, show, count and search chat logs'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "status" -d 'Show how the running server does'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "config" -d 'Check, show and explain the configuration'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "gen-config" -d 'Write a commented openai-forward-config.yaml'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "man" -d 'Print a manual page, or write all of them into a directory'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run keys cache convert usage logs status config gen-config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "create" -d 'Make a key, and print its secret, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List keys, those of the configuration included'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "show" -d 'Show all that is known of a key'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "update" -d 'Change what keys may do'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "disable" -d 'Switch keys off: they are refused until they are enabled again'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "enable" -d 'Switch keys on again'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Give a key a new secret, and print it, which is shown this once'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "delete" -d 'Delete keys for good'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "import" -d 'Make keys from a file: openai-forward\'s configuration, JSON or CSV'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "export" -d 'Print the keys of the store, to be imported elsewhere'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "stats" -d 'Show what the cache holds, and how much it saved'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "list" -d 'List answers'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "show" -d 'Show one answer and its request'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "purge" -d 'Forget answers: all of them, or those that the filters take'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "verify" -d 'Read every answer, and forget those that are damaged'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "compact" -d 'Give back the room on disk that forgotten answers took'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "export" -d 'Write answers to a file'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "import" -d 'Put answers in that were exported'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from logs" -f -a "tail" -d 'Show the newest exchanges, a line each, and those to come'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from logs" -f -a "show" -d 'Show all of one exchange'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from logs" -f -a "stats" -d 'Count exchanges, failures, tokens and times'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from logs" -f -a "grep" -d 'Search what was said'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'List every problem of the configuration, and what is not yet in effect'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show what holds and where each value came from, secrets masked'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a commented configuration file'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of the configuration file, for editors'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "env" -d 'List every environment variable: its meaning, default and key'
