/** Filters the operations on the page about the API. Without scripts, its field stays hidden. */
const box = document.querySelector('.api-filter')
const field = document.querySelector('#filter')
const status = box.querySelector('[role=status]')
const links = [...document.querySelectorAll('[data-operation]')]

function apply() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const link of links) {
    const fits = words.every((word) => link.dataset.operation.includes(word))
    if (fits) shown += 1
    link.parentElement.hidden = !fits
    document.getElementById(link.hash.slice(1)).hidden = !fits
  }
  for (const group of document.querySelectorAll('.api-content > section:has(.operation)'))
    group.hidden = group.querySelector('.operation:not([hidden])') === null
  status.textContent = words.length === 0 ? '' : `${shown} of ${links.length} operations`
}

field.addEventListener('input', apply)
box.hidden = false
apply() // a browser restores what was typed
