/** Texts of YAML errors: the library's own may quote a secret from the source. */
import type { ErrorCode } from 'yaml'

const meanings: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: 'directives (lines that begin with %) are not used here',
  BAD_DQ_ESCAPE: 'unknown escape in a double-quoted text: use single quotes, or write \\\\ for a backslash',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'a text cannot begin with this character: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on one line: begin a new line, or put a text that contains ": " in quotes',
  BLOCK_IN_FLOW: 'inside brackets everything has to be in brackets or quotes',
  DUPLICATE_KEY: 'this key is given twice',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a closing quote or bracket, a colon or a comma',
  MULTILINE_IMPLICIT_KEY: 'a key has to be on one line and followed by a colon',
  MULTIPLE_DOCS: 'one file holds one document: remove the line --- and what follows',
  NON_STRING_KEY: 'a key has to be plain text',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'tabs do not indent in YAML: use spaces',
  TAG_RESOLVE_FAILED: 'tags (words that begin with !) are not used here',
}

/** @param line where the fault is; never quoted */
export function syntaxFault(code: ErrorCode, line: string): string {
  if (/^(?:<{7}|={7}|>{7})(?: |$)/.test(line)) return 'a mark of a merge conflict (git): choose one of the versions'
  if (/^[^'"]*\{\{/.test(line))
    return 'a template ({{ … }}) that was not filled in; put a text that begins with { in quotes'
  const [beforeVariable = '', ...rest] = line.split('${')
  if (rest.length > 0 && /^[^'"{[,]*[{[,][^'"]*$/.test(beforeVariable))
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what to write
    return 'inside { } and [ ], ${NAME} has to be in quotes'
  return syntaxMeaning(code)
}

export function syntaxMeaning(code: ErrorCode): string {
  return meanings[code] ?? 'this is not YAML that can be read: look for a missing quote, bracket or colon'
}
