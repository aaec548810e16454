/** Filters the operations on the page about the API. Without scripts, its field stays hidden. */
const box = document.querySelector('.api-filter')
const field = document.querySelector('#filter')
const status = box.querySelector('[role=status]')
const links = [...document.querySelectorAll('.api-operations li > a')]

const prefix = '/api/v1/'

/** Of a path or URL, half typed too: the addresses of the links have no prefix. */
function withoutPrefix(term) {
  if (prefix.startsWith(term)) return ''
  const at = term.indexOf(prefix)
  return at === -1 ? term : term.slice(at + prefix.length)
}

function apply() {
  const terms = field.value.toLowerCase().split(/\s+/)
  const words = terms.flatMap((term) => withoutPrefix(term).split(/[/{}]+/)).filter(Boolean)
  let shown = 0
  for (const link of links) {
    // its address has the words of the path
    const text = `${link.textContent} ${link.hash}`.toLowerCase()
    const fits = words.every((word) => text.includes(word))
    if (fits) shown += 1
    link.parentElement.hidden = !fits
  }
  for (const group of document.querySelectorAll('.api-operations'))
    group.hidden = group.querySelector('li:not([hidden])') === null
  status.textContent = words.length === 0 ? '' : `${shown} of ${links.length} operations`
}

field.addEventListener('input', apply)
box.hidden = false
apply() // a browser restores what was typed
