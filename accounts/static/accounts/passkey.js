// Shows passkey buttons where the browser can use them, and says in words why a passkey was not used.
'use strict'

const problem = document.getElementById('passkey_problem')

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll('[data-passkey]')) part.hidden = false
} else if (problem && !window.isSecureContext) {
  say('insecure')
}

function say (why) {
  problem.querySelector('div').textContent = problem.dataset[why]
  problem.hidden = false
}

document.addEventListener('allauth.error', event => {
  if (!problem) return
  event.preventDefault()
  const name = event.detail.exception && event.detail.exception.name
  say({ NotAllowedError: 'cancelled', AbortError: 'cancelled', SecurityError: 'insecure', InvalidStateError: 'known' }[name] || 'failed')
})
