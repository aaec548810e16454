/** Copy and show/hide buttons beside a secret. Without scripts they stay hidden. */
const elementOf = (button, name) => document.getElementById(button.getAttribute(name))

for (const button of document.querySelectorAll('button[data-copies]')) {
  const label = button.textContent
  const status = button.parentElement.querySelector('[role=status]')
  const say = (text) => {
    button.textContent = text
    status.textContent = text
    setTimeout(() => {
      button.textContent = label
      status.textContent = ''
    }, 3000)
  }
  button.addEventListener('click', async () => {
    const secret = elementOf(button, 'data-copies')
    try {
      await navigator.clipboard.writeText(secret.dataset.secret ?? secret.textContent)
      say('Copied')
    } catch {
      // no permission, or not https: the user copies what is selected
      getSelection().selectAllChildren(secret)
      say('Press Ctrl+C')
    }
  })
  button.hidden = false
}

for (const button of document.querySelectorAll('button[data-hides]')) {
  const secret = elementOf(button, 'data-hides')
  button.addEventListener('click', () => {
    const text = secret.dataset.secret
    if (text === undefined) {
      secret.dataset.secret = secret.textContent
      secret.textContent = `${secret.textContent.slice(0, 6)}${'•'.repeat(12)}`
    } else {
      secret.textContent = text
      delete secret.dataset.secret
    }
    button.textContent = text === undefined ? 'Show' : 'Hide'
  })
  button.hidden = false
}
