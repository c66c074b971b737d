/**
 * What shells are given to complete brig's command lines: each asks `brig __complete` with the words up to the cursor,
 * so that nothing but the tables knows what may stand there.
 *
 * An answer is lines of `word TAB help`; a line `:files` says that a path may stand there, too.
 */

export type Shell = "bash" | "zsh" | "fish";

export const shells: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for brig: source <(brig completion bash)
_brig() {
    local words cword line
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n =: words cword
    else
        words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
    fi
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :files) compopt -o default ;;
            *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
        esac
    done < <("\${words[0]}" __complete "\${words[@]:1:cword}" 2>/dev/null)
    if declare -F __ltrim_colon_completions >/dev/null; then
        __ltrim_colon_completions "\${words[cword]}"
    fi
}
complete -F _brig brig
`,
  zsh: `#compdef brig
# zsh completion for brig: source <(brig completion zsh)
_brig() {
    local line files
    local -a described
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            files=1
        else
            described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
        fi
    done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
    (( $#described )) && _describe -t brig brig described
    [[ -n $files ]] && _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _brig "$@"
else
    compdef _brig brig
fi
`,
  fish: `# fish completion for brig: brig completion fish | source
function __brig_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answers ($words[1] __complete $words[2..-1] 2>/dev/null)
    if contains -- :files $answers
        __fish_complete_path (commandline -ct)
    end
    string match -v :files -- $answers
end
complete -c brig -f -a '(__brig_complete)'
`,
};
