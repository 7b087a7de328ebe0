
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
            cand keys 'Make, list, change and remove forward keys: what callers hold in the place of the upstream''s keys'
            cand cache 'Show, list, empty, export and fill the cache of answers'
            cand convert 'Turn chat logs into datasets, and datasets into each other and back'
            cand usage 'Show the requests and tokens of keys'
            cand logs 'Follow, show, count and search chat logs'
            cand status 'Show how the running server does'
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
            cand --cache-mode 'How the cache is used: normal, record, replay, refresh or off [default: normal]'
            cand --cache-timing 'Whether recorded streams are replayed at once (fast) or in the time that they took (real) [default: fast]'
            cand --data-dir 'Folder of the store and of the control socket [default: ./.aifd]'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Make a key, and print its secret, which is shown this once'
            cand list 'List keys, those of the configuration included'
            cand show 'Show all that is known of a key'
            cand update 'Change what keys may do'
            cand disable 'Switch keys off: they are refused until they are enabled again'
            cand enable 'Switch keys on again'
            cand rotate 'Give a key a new secret, and print it, which is shown this once'
            cand delete 'Delete keys for good'
            cand import 'Make keys from a file: openai-forward''s configuration, JSON or CSV'
            cand export 'Print the keys of the store, to be imported elsewhere'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;keys;create'= {
            cand --name 'What it is called'
            cand --level 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]'
            cand --model 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas'
            cand --route 'Routes that it may use, as they stand in the configuration: /anthropic'
            cand --requests 'Requests that it may make: 100/2minutes;600/hour'
            cand --tokens 'Tokens that it may use, prompts and answers together: 1000000/day'
            cand --concurrent 'Requests that it may have under way at once'
            cand --expires 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z'
            cand --metadata 'Something to remember of it: team=search'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --disabled 'Make it switched off'
            cand --secret-stdin 'Read the secret from standard input instead of making a random one'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;list'= {
            cand --state 'Those in this state alone'
            cand --level 'Those of this level alone'
            cand --model 'Those that may use this model alone'
            cand --name 'Those whose name this pattern matches alone: team-*'
            cand --unused-for 'Those that were not used for so long alone: 30d'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;show'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;update'= {
            cand --name 'What it is called'
            cand --level 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]'
            cand --model 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas'
            cand --route 'Routes that it may use, as they stand in the configuration: /anthropic'
            cand --requests 'Requests that it may make: 100/2minutes;600/hour'
            cand --tokens 'Tokens that it may use, prompts and answers together: 1000000/day'
            cand --concurrent 'Requests that it may have under way at once'
            cand --expires 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z'
            cand --metadata 'Something to remember of it: team=search'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --no-expiry 'Let it never end'
            cand --no-requests 'Let it make as many requests as it wants'
            cand --no-tokens 'Let it use as many tokens as it wants'
            cand --no-concurrent 'Let it have as many requests under way as it wants'
            cand --any-model 'Let it use every model that its level may'
            cand --any-route 'Let it use every route'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;disable'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;enable'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;rotate'= {
            cand --grace 'How long the old secret stays good: 24h [default: it ends at once]'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --secret-stdin 'Read the new secret from standard input instead of making a random one'
            cand -y 'Do not ask, although the old secret ends at once'
            cand --yes 'Do not ask, although the old secret ends at once'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;delete'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;import'= {
            cand --format 'What the file is'
            cand --level 'Level of the keys that name none'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --dry-run 'Check all of it, and store nothing'
            cand --json 'Print JSON instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;export'= {
            cand --format 'Form of the export'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --with-hashes 'Export the hashes of the secrets too, so that they stay good (JSON only)'
            cand -f 'Replace an existing file'
            cand --force 'Replace an existing file'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;keys;help'= {
            cand create 'Make a key, and print its secret, which is shown this once'
            cand list 'List keys, those of the configuration included'
            cand show 'Show all that is known of a key'
            cand update 'Change what keys may do'
            cand disable 'Switch keys off: they are refused until they are enabled again'
            cand enable 'Switch keys on again'
            cand rotate 'Give a key a new secret, and print it, which is shown this once'
            cand delete 'Delete keys for good'
            cand import 'Make keys from a file: openai-forward''s configuration, JSON or CSV'
            cand export 'Print the keys of the store, to be imported elsewhere'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;keys;help;create'= {
        }
        &'aifd;keys;help;list'= {
        }
        &'aifd;keys;help;show'= {
        }
        &'aifd;keys;help;update'= {
        }
        &'aifd;keys;help;disable'= {
        }
        &'aifd;keys;help;enable'= {
        }
        &'aifd;keys;help;rotate'= {
        }
        &'aifd;keys;help;delete'= {
        }
        &'aifd;keys;help;import'= {
        }
        &'aifd;keys;help;export'= {
        }
        &'aifd;keys;help;help'= {
        }
        &'aifd;cache'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand stats 'Show what the cache holds, and how much it saved'
            cand list 'List answers'
            cand show 'Show one answer and its request'
            cand purge 'Forget answers: all of them, or those that the filters take'
            cand verify 'Read every answer, and forget those that are damaged'
            cand compact 'Give back the room on disk that forgotten answers took'
            cand export 'Write answers to a file'
            cand import 'Put answers in that were exported'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;cache;stats'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;list'= {
            cand --model 'Of this model alone: gpt-4o*'
            cand --route 'Of this route alone: its prefix'
            cand --older-than 'Stored at least so long ago: 7d'
            cand --newer-than 'Stored at most so long ago: 1h'
            cand --larger-than 'Of so many bytes at least: 1MB'
            cand --smaller-than 'Of so many bytes at most'
            cand --contains 'With this text in the request or the answer'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;show'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;purge'= {
            cand --model 'Of this model alone: gpt-4o*'
            cand --route 'Of this route alone: its prefix'
            cand --older-than 'Stored at least so long ago: 7d'
            cand --newer-than 'Stored at most so long ago: 1h'
            cand --larger-than 'Of so many bytes at least: 1MB'
            cand --smaller-than 'Of so many bytes at most'
            cand --contains 'With this text in the request or the answer'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --dry-run 'Only tell what would go'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;verify'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;compact'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;export'= {
            cand --model 'Of this model alone: gpt-4o*'
            cand --route 'Of this route alone: its prefix'
            cand --older-than 'Stored at least so long ago: 7d'
            cand --newer-than 'Stored at most so long ago: 1h'
            cand --larger-than 'Of so many bytes at least: 1MB'
            cand --smaller-than 'Of so many bytes at most'
            cand --contains 'With this text in the request or the answer'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand -f 'Replace an existing file'
            cand --force 'Replace an existing file'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;import'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;cache;help'= {
            cand stats 'Show what the cache holds, and how much it saved'
            cand list 'List answers'
            cand show 'Show one answer and its request'
            cand purge 'Forget answers: all of them, or those that the filters take'
            cand verify 'Read every answer, and forget those that are damaged'
            cand compact 'Give back the room on disk that forgotten answers took'
            cand export 'Write answers to a file'
            cand import 'Put answers in that were exported'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;cache;help;stats'= {
        }
        &'aifd;cache;help;list'= {
        }
        &'aifd;cache;help;show'= {
        }
        &'aifd;cache;help;purge'= {
        }
        &'aifd;cache;help;verify'= {
        }
        &'aifd;cache;help;compact'= {
        }
        &'aifd;cache;help;export'= {
        }
        &'aifd;cache;help;import'= {
        }
        &'aifd;cache;help;help'= {
        }
        &'aifd;convert'= {
            cand -o 'File to write, or folder for parquet; `-` is standard output'
            cand --output 'File to write, or folder for parquet; `-` is standard output'
            cand --target-path 'File to write, or folder for parquet; `-` is standard output'
            cand --log-folder 'Folder of the logs, as openai-forward names it'
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand -f 'What is written'
            cand --format 'What is written'
            cand --from 'What is read'
            cand --weight 'Which answers of logs fine-tuning files give weight to: the last of each conversation, or all'
            cand --shard-size 'Size at which a further Parquet file begins: 500MB'
            cand --since 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log'
            cand --until 'Not after; a day is meant to its end'
            cand --model 'Of these models alone, asked for or answering: gpt-4o*'
            cand --key 'Of these forward keys alone: their ids'
            cand --route 'Of these routes alone: their prefixes'
            cand --status 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200'
            cand --finish-reason 'That the model ended for these reasons alone: stop, tool_calls'
            cand --end 'That ended so alone; an answer of status 400 and above failed, however whole it came'
            cand --min-turns 'With that many messages of the user at least'
            cand --max-tokens 'With that many tokens at most: as the provider counted, else a quarter of the bytes of the texts'
            cand --dedupe 'Drop what is the same: all of it, the prompt, or the earlier turns of a conversation that goes on'
            cand --sample 'Draw that many, the same ones each time'
            cand --seed 'Draw others'
            cand --split 'Write parts: train=0.9,test=0.1; a conversation stays in its part when data is added'
            cand --redact 'Cut out what looks like these: api_keys, bearer_tokens, emails, cards, phones or all [default: all]'
            cand --redact-pattern 'Cut out what this regular expression matches'
            cand --compat 'Write what openai-forward writes, byte for byte, with what it loses lost'
            cand --strict 'Malformed lines are an error: nothing is written'
            cand --json 'Print the report as JSON'
            cand --has-tools 'That had tools, or called one'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;usage'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --since 'First day, as a date or as how long ago: 2027-01-31, 7d'
            cand --until 'Last day'
            cand --key 'Of this key alone: its id or name'
            cand --model 'Of models that this pattern matches alone: gpt-4o*'
            cand --by 'What to sum by'
            cand --json 'Print JSON instead of a table'
            cand --csv 'Print CSV instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;logs'= {
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand tail 'Show the newest exchanges, a line each, and those to come'
            cand show 'Show all of one exchange'
            cand stats 'Count exchanges, failures, tokens and times'
            cand grep 'Search what was said'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;logs;tail'= {
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand -n 'How many exchanges'
            cand --number 'How many exchanges'
            cand --since 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log'
            cand --until 'Not after; a day is meant to its end'
            cand --model 'Of these models alone, asked for or answering: gpt-4o*'
            cand --key 'Of these forward keys alone: their ids'
            cand --route 'Of these routes alone: their prefixes'
            cand --status 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200'
            cand --kind 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general'
            cand -f 'Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C'
            cand --follow 'Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C'
            cand --json 'Print each exchange whole, as a line of JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;logs;show'= {
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --json 'Print JSON'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;logs;stats'= {
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --by 'What to sum by'
            cand --since 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log'
            cand --until 'Not after; a day is meant to its end'
            cand --model 'Of these models alone, asked for or answering: gpt-4o*'
            cand --key 'Of these forward keys alone: their ids'
            cand --route 'Of these routes alone: their prefixes'
            cand --status 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200'
            cand --kind 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general'
            cand --json 'Print JSON instead of a table'
            cand --csv 'Print CSV instead of a table'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;logs;grep'= {
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --role 'In what these said alone'
            cand --since 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log'
            cand --until 'Not after; a day is meant to its end'
            cand --model 'Of these models alone, asked for or answering: gpt-4o*'
            cand --key 'Of these forward keys alone: their ids'
            cand --route 'Of these routes alone: their prefixes'
            cand --status 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200'
            cand --kind 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general'
            cand -i 'Capitals and small letters are the same'
            cand --ignore-case 'Capitals and small letters are the same'
            cand -F 'The pattern is a text'
            cand --fixed-strings 'The pattern is a text'
            cand -c 'Print only how many exchanges match'
            cand --count 'Print only how many exchanges match'
            cand -l 'Print only the uids of the exchanges that match'
            cand --uids 'Print only the uids of the exchanges that match'
            cand --json 'Print JSON lines'
            cand -q 'Print data and errors only: no boxes, no progress, no colours'
            cand --quiet 'Print data and errors only: no boxes, no progress, no colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aifd;logs;help'= {
            cand tail 'Show the newest exchanges, a line each, and those to come'
            cand show 'Show all of one exchange'
            cand stats 'Count exchanges, failures, tokens and times'
            cand grep 'Search what was said'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;logs;help;tail'= {
        }
        &'aifd;logs;help;show'= {
        }
        &'aifd;logs;help;stats'= {
        }
        &'aifd;logs;help;grep'= {
        }
        &'aifd;logs;help;help'= {
        }
        &'aifd;status'= {
            cand -c 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --config 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]'
            cand --data-dir 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]'
            cand --json 'Print JSON instead of tables'
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
            cand keys 'Make, list, change and remove forward keys: what callers hold in the place of the upstream''s keys'
            cand cache 'Show, list, empty, export and fill the cache of answers'
            cand convert 'Turn chat logs into datasets, and datasets into each other and back'
            cand usage 'Show the requests and tokens of keys'
            cand logs 'Follow, show, count and search chat logs'
            cand status 'Show how the running server does'
            cand config 'Check, show and explain the configuration'
            cand gen-config 'Write a commented openai-forward-config.yaml'
            cand completions 'Print the completion script of a shell'
            cand man 'Print a manual page, or write all of them into a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aifd;help;run'= {
        }
        &'aifd;help;keys'= {
            cand create 'Make a key, and print its secret, which is shown this once'
            cand list 'List keys, those of the configuration included'
            cand show 'Show all that is known of a key'
            cand update 'Change what keys may do'
            cand disable 'Switch keys off: they are refused until they are enabled again'
            cand enable 'Switch keys on again'
            cand rotate 'Give a key a new secret, and print it, which is shown this once'
            cand delete 'Delete keys for good'
            cand import 'Make keys from a file: openai-forward''s configuration, JSON or CSV'
            cand export 'Print the keys of the store, to be imported elsewhere'
        }
        &'aifd;help;keys;create'= {
        }
        &'aifd;help;keys;list'= {
        }
        &'aifd;help;keys;show'= {
        }
        &'aifd;help;keys;update'= {
        }
        &'aifd;help;keys;disable'= {
        }
        &'aifd;help;keys;enable'= {
        }
        &'aifd;help;keys;rotate'= {
        }
        &'aifd;help;keys;delete'= {
        }
        &'aifd;help;keys;import'= {
        }
        &'aifd;help;keys;export'= {
        }
        &'aifd;help;cache'= {
            cand stats 'Show what the cache holds, and how much it saved'
            cand list 'List answers'
            cand show 'Show one answer and its request'
            cand purge 'Forget answers: all of them, or those that the filters take'
            cand verify 'Read every answer, and forget those that are damaged'
            cand compact 'Give back the room on disk that forgotten answers took'
            cand export 'Write answers to a file'
            cand import 'Put answers in that were exported'
        }
        &'aifd;help;cache;stats'= {
        }
        &'aifd;help;cache;list'= {
        }
        &'aifd;help;cache;show'= {
        }
        &'aifd;help;cache;purge'= {
        }
        &'aifd;help;cache;verify'= {
        }
        &'aifd;help;cache;compact'= {
        }
        &'aifd;help;cache;export'= {
        }
        &'aifd;help;cache;import'= {
        }
        &'aifd;help;convert'= {
        }
        &'aifd;help;usage'= {
        }
        &'aifd;help;logs'= {
            cand tail 'Show the newest exchanges, a line each, and those to come'
            cand show 'Show all of one exchange'
            cand stats 'Count exchanges, failures, tokens and times'
            cand grep 'Search what was said'
        }
        &'aifd;help;logs;tail'= {
        }
        &'aifd;help;logs;show'= {
        }
        &'aifd;help;logs;stats'= {
        }
        &'aifd;help;logs;grep'= {
        }
        &'aifd;help;status'= {
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
