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
complete -c aifd -n "__fish_aifd_using_subcommand run" -s q -l quiet -d 'Print data and errors only: no boxes, no progress, no colours'
complete -c aifd -n "__fish_aifd_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aifd -n "__fish_aifd_using_subcommand run" -s V -l version -d 'Print version'
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
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "run" -d 'Forward requests until told to stop'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "config" -d 'Check, show and explain the configuration'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "gen-config" -d 'Write a commented openai-forward-config.yaml'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "man" -d 'Print a manual page, or write all of them into a directory'
complete -c aifd -n "__fish_aifd_using_subcommand help; and not __fish_seen_subcommand_from run config gen-config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'List every problem of the configuration, and what is not yet in effect'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show what holds and where each value came from, secrets masked'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "init" -d 'Write a commented configuration file'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of the configuration file, for editors'
complete -c aifd -n "__fish_aifd_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "env" -d 'List every environment variable: its meaning, default and key'
