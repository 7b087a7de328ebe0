
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'aifd' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'aifd'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'aifd' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Forward requests until told to stop')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make, list, change and remove forward keys: what callers hold in the place of the upstream''s keys')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'Show, list, empty, export and fill the cache of answers')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn chat logs into datasets, and datasets into each other and back')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show the requests and tokens of keys')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Follow, show, count and search chat logs')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how the running server does')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Check, show and explain the configuration')
            [CompletionResult]::new('gen-config', 'gen-config', [CompletionResultType]::ParameterValue, 'Write a commented openai-forward-config.yaml')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, or write all of them into a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;run' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Address to listen on [default: 0.0.0.0]')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on; 0 lets the system choose [default: 8000]')
            [CompletionResult]::new('--workers', '--workers', [CompletionResultType]::ParameterName, 'Worker threads, one event loop each [default: one a core]')
            [CompletionResult]::new('--webui', '--webui', [CompletionResultType]::ParameterName, 'Serve the web console as well')
            [CompletionResult]::new('--ui-port', '--ui-port', [CompletionResultType]::ParameterName, 'Port of the web console [default: 8001]')
            [CompletionResult]::new('--start-ui', '--start-ui', [CompletionResultType]::ParameterName, 'Whether openai-forward''s web console opens; `False` is the same as no `--webui`')
            [CompletionResult]::new('--log-level', '--log-level', [CompletionResultType]::ParameterName, 'Least level written to standard error: error, warn, info, debug, trace, or directives such as `aifd_core=debug,warn` [default: info]')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Form of the lines on standard error [default: text]')
            [CompletionResult]::new('--benchmark', '--benchmark', [CompletionResultType]::ParameterName, 'Add /benchmark/v1/chat/completions, which answers by itself')
            [CompletionResult]::new('--cache-mode', '--cache-mode', [CompletionResultType]::ParameterName, 'How the cache is used: normal, record, replay, refresh or off [default: normal]')
            [CompletionResult]::new('--cache-timing', '--cache-timing', [CompletionResultType]::ParameterName, 'Whether recorded streams are replayed at once (fast) or in the time that they took (real) [default: fast]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: ./.aifd]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a key, and print its secret, which is shown this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys, those of the configuration included')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is known of a key')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change what keys may do')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Switch keys off: they are refused until they are enabled again')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Switch keys on again')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a key a new secret, and print it, which is shown this once')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete keys for good')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Make keys from a file: openai-forward''s configuration, JSON or CSV')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the keys of the store, to be imported elsewhere')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;keys;create' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What it is called')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Routes that it may use, as they stand in the configuration: /anthropic')
            [CompletionResult]::new('--requests', '--requests', [CompletionResultType]::ParameterName, 'Requests that it may make: 100/2minutes;600/hour')
            [CompletionResult]::new('--tokens', '--tokens', [CompletionResultType]::ParameterName, 'Tokens that it may use, prompts and answers together: 1000000/day')
            [CompletionResult]::new('--concurrent', '--concurrent', [CompletionResultType]::ParameterName, 'Requests that it may have under way at once')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Something to remember of it: team=search')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Make it switched off')
            [CompletionResult]::new('--secret-stdin', '--secret-stdin', [CompletionResultType]::ParameterName, 'Read the secret from standard input instead of making a random one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;list' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Those in this state alone')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'Those of this level alone')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Those that may use this model alone')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Those whose name this pattern matches alone: team-*')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Those that were not used for so long alone: 30d')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;update' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What it is called')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'Its level, which decides on its upstream keys and models; 0 may use every model [default: 0]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Models that it may use, if its level may: gpt-4o*; several, or separated by commas')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Routes that it may use, as they stand in the configuration: /anthropic')
            [CompletionResult]::new('--requests', '--requests', [CompletionResultType]::ParameterName, 'Requests that it may make: 100/2minutes;600/hour')
            [CompletionResult]::new('--tokens', '--tokens', [CompletionResultType]::ParameterName, 'Tokens that it may use, prompts and answers together: 1000000/day')
            [CompletionResult]::new('--concurrent', '--concurrent', [CompletionResultType]::ParameterName, 'Requests that it may have under way at once')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: 30d, 2027-01-31 (to its end, UTC), 2027-01-31T12:00:00Z')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Something to remember of it: team=search')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--no-expiry', '--no-expiry', [CompletionResultType]::ParameterName, 'Let it never end')
            [CompletionResult]::new('--no-requests', '--no-requests', [CompletionResultType]::ParameterName, 'Let it make as many requests as it wants')
            [CompletionResult]::new('--no-tokens', '--no-tokens', [CompletionResultType]::ParameterName, 'Let it use as many tokens as it wants')
            [CompletionResult]::new('--no-concurrent', '--no-concurrent', [CompletionResultType]::ParameterName, 'Let it have as many requests under way as it wants')
            [CompletionResult]::new('--any-model', '--any-model', [CompletionResultType]::ParameterName, 'Let it use every model that its level may')
            [CompletionResult]::new('--any-route', '--any-route', [CompletionResultType]::ParameterName, 'Let it use every route')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;disable' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;enable' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;rotate' {
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'How long the old secret stays good: 24h [default: it ends at once]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--secret-stdin', '--secret-stdin', [CompletionResultType]::ParameterName, 'Read the new secret from standard input instead of making a random one')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask, although the old secret ends at once')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask, although the old secret ends at once')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;delete' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;import' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What the file is')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'Level of the keys that name none')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check all of it, and store nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the export')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--with-hashes', '--with-hashes', [CompletionResultType]::ParameterName, 'Export the hashes of the secrets too, so that they stay good (JSON only)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;keys;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a key, and print its secret, which is shown this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys, those of the configuration included')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is known of a key')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change what keys may do')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Switch keys off: they are refused until they are enabled again')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Switch keys on again')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a key a new secret, and print it, which is shown this once')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete keys for good')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Make keys from a file: openai-forward''s configuration, JSON or CSV')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the keys of the store, to be imported elsewhere')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;keys;help;create' {
            break
        }
        'aifd;keys;help;list' {
            break
        }
        'aifd;keys;help;show' {
            break
        }
        'aifd;keys;help;update' {
            break
        }
        'aifd;keys;help;disable' {
            break
        }
        'aifd;keys;help;enable' {
            break
        }
        'aifd;keys;help;rotate' {
            break
        }
        'aifd;keys;help;delete' {
            break
        }
        'aifd;keys;help;import' {
            break
        }
        'aifd;keys;help;export' {
            break
        }
        'aifd;keys;help;help' {
            break
        }
        'aifd;cache' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Show what the cache holds, and how much it saved')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one answer and its request')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Forget answers: all of them, or those that the filters take')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Read every answer, and forget those that are damaged')
            [CompletionResult]::new('compact', 'compact', [CompletionResultType]::ParameterValue, 'Give back the room on disk that forgotten answers took')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write answers to a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Put answers in that were exported')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;cache;stats' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;list' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of this model alone: gpt-4o*')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of this route alone: its prefix')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Stored at least so long ago: 7d')
            [CompletionResult]::new('--newer-than', '--newer-than', [CompletionResultType]::ParameterName, 'Stored at most so long ago: 1h')
            [CompletionResult]::new('--larger-than', '--larger-than', [CompletionResultType]::ParameterName, 'Of so many bytes at least: 1MB')
            [CompletionResult]::new('--smaller-than', '--smaller-than', [CompletionResultType]::ParameterName, 'Of so many bytes at most')
            [CompletionResult]::new('--contains', '--contains', [CompletionResultType]::ParameterName, 'With this text in the request or the answer')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;purge' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of this model alone: gpt-4o*')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of this route alone: its prefix')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Stored at least so long ago: 7d')
            [CompletionResult]::new('--newer-than', '--newer-than', [CompletionResultType]::ParameterName, 'Stored at most so long ago: 1h')
            [CompletionResult]::new('--larger-than', '--larger-than', [CompletionResultType]::ParameterName, 'Of so many bytes at least: 1MB')
            [CompletionResult]::new('--smaller-than', '--smaller-than', [CompletionResultType]::ParameterName, 'Of so many bytes at most')
            [CompletionResult]::new('--contains', '--contains', [CompletionResultType]::ParameterName, 'With this text in the request or the answer')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only tell what would go')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;verify' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;compact' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;export' {
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of this model alone: gpt-4o*')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of this route alone: its prefix')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Stored at least so long ago: 7d')
            [CompletionResult]::new('--newer-than', '--newer-than', [CompletionResultType]::ParameterName, 'Stored at most so long ago: 1h')
            [CompletionResult]::new('--larger-than', '--larger-than', [CompletionResultType]::ParameterName, 'Of so many bytes at least: 1MB')
            [CompletionResult]::new('--smaller-than', '--smaller-than', [CompletionResultType]::ParameterName, 'Of so many bytes at most')
            [CompletionResult]::new('--contains', '--contains', [CompletionResultType]::ParameterName, 'With this text in the request or the answer')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;import' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;cache;help' {
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Show what the cache holds, and how much it saved')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one answer and its request')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Forget answers: all of them, or those that the filters take')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Read every answer, and forget those that are damaged')
            [CompletionResult]::new('compact', 'compact', [CompletionResultType]::ParameterValue, 'Give back the room on disk that forgotten answers took')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write answers to a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Put answers in that were exported')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;cache;help;stats' {
            break
        }
        'aifd;cache;help;list' {
            break
        }
        'aifd;cache;help;show' {
            break
        }
        'aifd;cache;help;purge' {
            break
        }
        'aifd;cache;help;verify' {
            break
        }
        'aifd;cache;help;compact' {
            break
        }
        'aifd;cache;help;export' {
            break
        }
        'aifd;cache;help;import' {
            break
        }
        'aifd;cache;help;help' {
            break
        }
        'aifd;convert' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, or folder for parquet; `-` is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, or folder for parquet; `-` is standard output')
            [CompletionResult]::new('--target-path', '--target-path', [CompletionResultType]::ParameterName, 'File to write, or folder for parquet; `-` is standard output')
            [CompletionResult]::new('--log-folder', '--log-folder', [CompletionResultType]::ParameterName, 'Folder of the logs, as openai-forward names it')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'What is written')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What is written')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'What is read')
            [CompletionResult]::new('--weight', '--weight', [CompletionResultType]::ParameterName, 'Which answers of logs fine-tuning files give weight to: the last of each conversation, or all')
            [CompletionResult]::new('--shard-size', '--shard-size', [CompletionResultType]::ParameterName, 'Size at which a further Parquet file begins: 500MB')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after; a day is meant to its end')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of these models alone, asked for or answering: gpt-4o*')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Of these forward keys alone: their ids')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of these routes alone: their prefixes')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200')
            [CompletionResult]::new('--finish-reason', '--finish-reason', [CompletionResultType]::ParameterName, 'That the model ended for these reasons alone: stop, tool_calls')
            [CompletionResult]::new('--end', '--end', [CompletionResultType]::ParameterName, 'That ended so alone; an answer of status 400 and above failed, however whole it came')
            [CompletionResult]::new('--min-turns', '--min-turns', [CompletionResultType]::ParameterName, 'With that many messages of the user at least')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'With that many tokens at most: as the provider counted, else a quarter of the bytes of the texts')
            [CompletionResult]::new('--dedupe', '--dedupe', [CompletionResultType]::ParameterName, 'Drop what is the same: all of it, the prompt, or the earlier turns of a conversation that goes on')
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'Draw that many, the same ones each time')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Draw others')
            [CompletionResult]::new('--split', '--split', [CompletionResultType]::ParameterName, 'Write parts: train=0.9,test=0.1; a conversation stays in its part when data is added')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Cut out what looks like these: api_keys, bearer_tokens, emails, cards, phones or all [default: all]')
            [CompletionResult]::new('--redact-pattern', '--redact-pattern', [CompletionResultType]::ParameterName, 'Cut out what this regular expression matches')
            [CompletionResult]::new('--compat', '--compat', [CompletionResultType]::ParameterName, 'Write what openai-forward writes, byte for byte, with what it loses lost')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Malformed lines are an error: nothing is written')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as JSON')
            [CompletionResult]::new('--has-tools', '--has-tools', [CompletionResultType]::ParameterName, 'That had tools, or called one')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;usage' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'First day, as a date or as how long ago: 2027-01-31, 7d')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Last day')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Of this key alone: its id or name')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of models that this pattern matches alone: gpt-4o*')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What to sum by')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print CSV instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;logs' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('tail', 'tail', [CompletionResultType]::ParameterValue, 'Show the newest exchanges, a line each, and those to come')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all of one exchange')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count exchanges, failures, tokens and times')
            [CompletionResult]::new('grep', 'grep', [CompletionResultType]::ParameterValue, 'Search what was said')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;logs;tail' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'How many exchanges')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'How many exchanges')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after; a day is meant to its end')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of these models alone, asked for or answering: gpt-4o*')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Of these forward keys alone: their ids')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of these routes alone: their prefixes')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with those to come, also when files are rotated, deleted or made, until Ctrl-C')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print each exchange whole, as a line of JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;logs;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;logs;stats' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What to sum by')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after; a day is meant to its end')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of these models alone, asked for or answering: gpt-4o*')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Of these forward keys alone: their ids')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of these routes alone: their prefixes')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print CSV instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;logs;grep' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'In what these said alone')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: 2027-01-31, 2027-01-31 18:30, or how long ago such as 7d; times are those of the log')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Not after; a day is meant to its end')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Of these models alone, asked for or answering: gpt-4o*')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Of these forward keys alone: their ids')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Of these routes alone: their prefixes')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'With these statuses alone: 200, 4xx; where the log tells none, an answer is a 200')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Of these kinds alone: chat, completion, embedding, whisper, responses, messages, general')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Capitals and small letters are the same')
            [CompletionResult]::new('--ignore-case', '--ignore-case', [CompletionResultType]::ParameterName, 'Capitals and small letters are the same')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'The pattern is a text')
            [CompletionResult]::new('--fixed-strings', '--fixed-strings', [CompletionResultType]::ParameterName, 'The pattern is a text')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Print only how many exchanges match')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Print only how many exchanges match')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Print only the uids of the exchanges that match')
            [CompletionResult]::new('--uids', '--uids', [CompletionResultType]::ParameterName, 'Print only the uids of the exchanges that match')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;logs;help' {
            [CompletionResult]::new('tail', 'tail', [CompletionResultType]::ParameterValue, 'Show the newest exchanges, a line each, and those to come')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all of one exchange')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count exchanges, failures, tokens and times')
            [CompletionResult]::new('grep', 'grep', [CompletionResultType]::ParameterValue, 'Search what was said')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;logs;help;tail' {
            break
        }
        'aifd;logs;help;show' {
            break
        }
        'aifd;logs;help;stats' {
            break
        }
        'aifd;logs;help;grep' {
            break
        }
        'aifd;logs;help;help' {
            break
        }
        'aifd;status' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Folder of the store and of the control socket [default: data_dir of the configuration, ./.aifd]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of tables')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'List every problem of the configuration, and what is not yet in effect')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what holds and where each value came from, secrets masked')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'List every environment variable: its meaning, default and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;config;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: $AIFD_CONFIG, ./aifd.yaml, ./openai-forward-config.yaml]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config;init' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config;schema' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config;env' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON instead of a table')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Print a Markdown table, as the README has it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;config;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'List every problem of the configuration, and what is not yet in effect')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what holds and where each value came from, secrets masked')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'List every environment variable: its meaning, default and key')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;config;help;check' {
            break
        }
        'aifd;config;help;show' {
            break
        }
        'aifd;config;help;init' {
            break
        }
        'aifd;config;help;schema' {
            break
        }
        'aifd;config;help;env' {
            break
        }
        'aifd;config;help;help' {
            break
        }
        'aifd;gen-config' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Directory to write into')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;completions' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write the page of every command into this directory')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print data and errors only: no boxes, no progress, no colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aifd;help' {
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Forward requests until told to stop')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make, list, change and remove forward keys: what callers hold in the place of the upstream''s keys')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'Show, list, empty, export and fill the cache of answers')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Turn chat logs into datasets, and datasets into each other and back')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show the requests and tokens of keys')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Follow, show, count and search chat logs')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how the running server does')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Check, show and explain the configuration')
            [CompletionResult]::new('gen-config', 'gen-config', [CompletionResultType]::ParameterValue, 'Write a commented openai-forward-config.yaml')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, or write all of them into a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aifd;help;run' {
            break
        }
        'aifd;help;keys' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make a key, and print its secret, which is shown this once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys, those of the configuration included')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all that is known of a key')
            [CompletionResult]::new('update', 'update', [CompletionResultType]::ParameterValue, 'Change what keys may do')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Switch keys off: they are refused until they are enabled again')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Switch keys on again')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a key a new secret, and print it, which is shown this once')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete keys for good')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Make keys from a file: openai-forward''s configuration, JSON or CSV')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the keys of the store, to be imported elsewhere')
            break
        }
        'aifd;help;keys;create' {
            break
        }
        'aifd;help;keys;list' {
            break
        }
        'aifd;help;keys;show' {
            break
        }
        'aifd;help;keys;update' {
            break
        }
        'aifd;help;keys;disable' {
            break
        }
        'aifd;help;keys;enable' {
            break
        }
        'aifd;help;keys;rotate' {
            break
        }
        'aifd;help;keys;delete' {
            break
        }
        'aifd;help;keys;import' {
            break
        }
        'aifd;help;keys;export' {
            break
        }
        'aifd;help;cache' {
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Show what the cache holds, and how much it saved')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List answers')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one answer and its request')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Forget answers: all of them, or those that the filters take')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Read every answer, and forget those that are damaged')
            [CompletionResult]::new('compact', 'compact', [CompletionResultType]::ParameterValue, 'Give back the room on disk that forgotten answers took')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write answers to a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Put answers in that were exported')
            break
        }
        'aifd;help;cache;stats' {
            break
        }
        'aifd;help;cache;list' {
            break
        }
        'aifd;help;cache;show' {
            break
        }
        'aifd;help;cache;purge' {
            break
        }
        'aifd;help;cache;verify' {
            break
        }
        'aifd;help;cache;compact' {
            break
        }
        'aifd;help;cache;export' {
            break
        }
        'aifd;help;cache;import' {
            break
        }
        'aifd;help;convert' {
            break
        }
        'aifd;help;usage' {
            break
        }
        'aifd;help;logs' {
            [CompletionResult]::new('tail', 'tail', [CompletionResultType]::ParameterValue, 'Show the newest exchanges, a line each, and those to come')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all of one exchange')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count exchanges, failures, tokens and times')
            [CompletionResult]::new('grep', 'grep', [CompletionResultType]::ParameterValue, 'Search what was said')
            break
        }
        'aifd;help;logs;tail' {
            break
        }
        'aifd;help;logs;show' {
            break
        }
        'aifd;help;logs;stats' {
            break
        }
        'aifd;help;logs;grep' {
            break
        }
        'aifd;help;status' {
            break
        }
        'aifd;help;config' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'List every problem of the configuration, and what is not yet in effect')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what holds and where each value came from, secrets masked')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'List every environment variable: its meaning, default and key')
            break
        }
        'aifd;help;config;check' {
            break
        }
        'aifd;help;config;show' {
            break
        }
        'aifd;help;config;init' {
            break
        }
        'aifd;help;config;schema' {
            break
        }
        'aifd;help;config;env' {
            break
        }
        'aifd;help;gen-config' {
            break
        }
        'aifd;help;completions' {
            break
        }
        'aifd;help;man' {
            break
        }
        'aifd;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
