
use builtin;
use str;

set edit:completion:arg-completer[aifd] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'aifd'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'aifd'= {
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Forward requests until told to stop'
            cand config 'Check, show and explain the configuration'
            cand gen-config 'Write a commented openai-forward-config.yaml'
            cand completions 'Print the completion script of a shell'
            cand man 'Print a manual page, or write all of them into a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;run'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --host 'Address to listen on [default: 0.0.0.0]'
            cand --port 'Port to listen on; 0 lets the system choose [default: 8000]'
            cand --workers 'Worker threads, one event loop each [default: one a core]'
            cand --webui 'Serve the web console as well'
            cand --ui-port 'Port of the web console [default: 8001]'
            cand --start-ui 'Whether openai-forward''s web console opens; `False` is the same as no `--webui`'
            cand --log-level 'Least level written to standard error: error, warn, info, debug, trace, or directives such as `aifd_core=debug,warn` [default: info]'
            cand --log-format 'Form of the lines on standard error [default: text]'
            cand --benchmark 'Add /benchmark/v1/chat/completions, which answers by itself'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config'= {
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand check 'List every problem of the configuration, and what is not yet in effect'
            cand show 'Show what holds and where each value came from, secrets masked'
            cand init 'Write a commented configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
            cand env 'List every environment variable: its meaning, default and key'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;config;check'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config;show'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config;init'= {
            cand -f 'Replace an existing file'
            cand --force 'Replace an existing file'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config;schema'= {
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config;env'= {
            cand --json 'Print JSON instead of a table'
            cand --markdown 'Print a Markdown table, as the README has it'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;config;help'= {
            cand check 'List every problem of the configuration, and what is not yet in effect'
            cand show 'Show what holds and where each value came from, secrets masked'
            cand init 'Write a commented configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
            cand env 'List every environment variable: its meaning, default and key'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;config;help;check'= {
        }
        &'aifd;config;help;show'= {
        }
        &'aifd;config;help;init'= {
        }
        &'aifd;config;help;schema'= {
        }
        &'aifd;config;help;env'= {
        }
        &'aifd;config;help;help'= {
        }
        &'aifd;gen-config'= {
            cand --dir 'Directory to write into'
            cand -f 'Replace an existing file'
            cand --force 'Replace an existing file'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;completions'= {
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;man'= {
            cand --dir 'Write the page of every command into this directory'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;help'= {
            cand run 'Forward requests until told to stop'
            cand config 'Check, show and explain the configuration'
            cand gen-config 'Write a commented openai-forward-config.yaml'
            cand completions 'Print the completion script of a shell'
            cand man 'Print a manual page, or write all of them into a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;help;run'= {
        }
        &'aifd;help;config'= {
            cand check 'List every problem of the configuration, and what is not yet in effect'
            cand show 'Show what holds and where each value came from, secrets masked'
            cand init 'Write a commented configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
            cand env 'List every environment variable: its meaning, default and key'
        }
        &'aifd;help;config;check'= {
        }
        &'aifd;help;config;show'= {
        }
        &'aifd;help;config;init'= {
        }
        &'aifd;help;config;schema'= {
        }
        &'aifd;help;config;env'= {
        }
        &'aifd;help;gen-config'= {
        }
        &'aifd;help;completions'= {
        }
        &'aifd;help;man'= {
        }
        &'aifd;help;help'= {
        }
    ]
    $completions[$command]
}
