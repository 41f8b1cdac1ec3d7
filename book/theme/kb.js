// What kb adds to the behaviour of mdBook's pages. Loaded by every page, behind mdBook's own scripts;
// asks no other host for anything.
'use strict';

(function kbSearch() {
    if (!window.elasticlunr) {
        return;
    }
    // The index of kb splits words where these are split; see src/book/search.rs.
    window.elasticlunr.tokenizer = function words(text) {
        return String(text || '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    };
    // The passages of a word, as `5 1*3 2`: passage 5 once, 6 three times, 8 once.
    function postings(packed) {
        const docs = {};
        let passage = 0;
        for (const step of packed.split(' ')) {
            const [by, times] = step.split('*');
            passage += Number(by);
            docs[passage] = { tf: Math.sqrt(Number(times || 1)) };
        }
        return docs;
    }
    // The tree of letters that elasticlunr looks words up in. Those of a word are unpacked when it is first
    // asked for.
    function tree(words) {
        const root = { docs: {}, df: 0 };
        for (const [word, packed] of Object.entries(words)) {
            let node = root;
            for (const letter of word.split('')) {
                node[letter] = node[letter] || { docs: {}, df: 0 };
                node = node[letter];
            }
            node.df = packed.split(' ').length;
            Object.defineProperty(node, 'docs', {
                configurable: true,
                enumerable: true,
                get() {
                    const docs = postings(packed);
                    Object.defineProperty(node, 'docs', { value: docs });
                    return docs;
                },
            });
        }
        return { root };
    }
    // mdBook puts the trail of a result into the page as HTML. kb's own index has no tag in it; that of a
    // stock mdbook has what a heading says.
    const load = window.elasticlunr.Index.load;
    window.elasticlunr.Index.load = function safely(data) {
        for (const doc of Object.values(data.documentStore.docs || {})) {
            doc.breadcrumbs = String(doc.breadcrumbs || '').replace(/</g, '&lt;');
        }
        for (const [field, index] of Object.entries(data.index)) {
            data.index[field] = index.packed ? tree(index.packed) : index;
        }
        return load.call(window.elasticlunr.Index, data);
    };
})();

(function kbCopy() {
    // The commands of a console session: lines behind a prompt, with the lines that go on from them.
    function commands(text) {
        const lines = [];
        let goesOn = false;
        for (const line of text.split('\n')) {
            const prompt = /^[$#%] (.*)$/.exec(line);
            if (prompt) {
                lines.push(prompt[1]);
            } else if (goesOn) {
                lines.push(line.replace(/^> /, ''));
            } else {
                continue;
            }
            goesOn = line.endsWith('\\');
        }
        return lines.length > 0 ? lines.join('\n') + '\n' : text;
    }

    async function copy(text) {
        if (navigator.clipboard && window.isSecureContext) {
            try {
                await navigator.clipboard.writeText(text);
                return true;
            } catch {
                // Refused: the older way below may still be allowed.
            }
        }
        const area = document.createElement('textarea');
        area.className = 'kb-offscreen';
        area.value = text;
        document.body.append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        return done;
    }

    document.addEventListener('click', async function(event) {
        const button = event.target.closest && event.target.closest('.clip-button');
        if (!button) {
            return;
        }
        event.stopPropagation();
        event.preventDefault();
        const pre = button.closest('pre');
        const code = pre && pre.querySelector('code');
        if (!code) {
            return;
        }
        const session = pre.classList.contains('kb-console');
        const text = session ? commands(code.textContent) : code.textContent;
        const done = await copy(text);
        const said = button.querySelector('.tooltiptext');
        if (said) {
            said.textContent = done ? 'Copied!' : 'Clipboard error!';
        }
        button.classList.add('tooltipped');
        button.dataset.kbCopied = done ? text : '';
    }, true);
})();

(function kbKeyboard() {
    // What scrolls sideways must be reached without a mouse.
    function reach() {
        for (const box of document.querySelectorAll('pre > code, .table-wrapper')) {
            const wide = box.scrollWidth > box.clientWidth;
            if (wide && !box.hasAttribute('tabindex')) {
                box.tabIndex = 0;
                box.setAttribute('role', 'group');
                box.setAttribute('aria-label', box.tagName === 'CODE' ? 'Text of the block' : 'Table');
            } else if (!wide && box.getAttribute('role') === 'group') {
                box.removeAttribute('tabindex');
                box.removeAttribute('role');
                box.removeAttribute('aria-label');
            }
        }
    }
    const contents = document.getElementById('mdbook-sidebar-toggle');
    if (contents && contents.tagName === 'BUTTON') {
        contents.addEventListener('click', () => document.getElementById('mdbook-sidebar-toggle-anchor').click());
    }
    // Groups of the table of contents are folded by a link without a target.
    for (const toggle of document.querySelectorAll('.chapter-fold-toggle')) {
        const group = toggle.closest('li');
        const name = toggle.previousElementSibling;
        const tell = () => toggle.setAttribute('aria-expanded', String(group.classList.contains('expanded')));
        toggle.tabIndex = 0;
        toggle.setAttribute('role', 'button');
        toggle.setAttribute('aria-label', name ? name.textContent : 'Group');
        toggle.addEventListener('click', () => setTimeout(tell));
        toggle.addEventListener('keydown', function(event) {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                toggle.click();
            }
        });
        if (name && name.tagName === 'SPAN') {
            name.addEventListener('click', () => toggle.click());
        }
        tell();
    }
    reach();
    window.addEventListener('resize', reach);
    document.addEventListener('toggle', reach, true);
})();

(function kbFilter() {
    const tables = [...document.querySelectorAll('table.kb-index')];
    const main = document.querySelector('.kb-page');
    if (tables.length === 0 || !main) {
        return;
    }
    const rows = tables.flatMap(table => [...table.tBodies[0].rows]);
    const words = rows.map(row => row.textContent.toLowerCase());
    const form = document.createElement('div');
    form.className = 'kb-filter';
    const label = document.createElement('label');
    label.textContent = 'Show lines with';
    label.htmlFor = 'kb-filter';
    const input = document.createElement('input');
    input.type = 'search';
    input.id = 'kb-filter';
    const said = document.createElement('span');
    said.setAttribute('role', 'status');
    form.append(label, input, said);
    main.insertBefore(form, main.querySelector('nav, h2, .table-wrapper'));
    input.addEventListener('input', function() {
        const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        rows.forEach(function(row, at) {
            const keep = wanted.every(word => words[at].includes(word));
            row.classList.toggle('kb-hidden', !keep);
            shown += keep ? 1 : 0;
        });
        for (const table of tables) {
            const empty = ![...table.tBodies[0].rows].some(row => !row.classList.contains('kb-hidden'));
            const wrapper = table.closest('.table-wrapper');
            wrapper.classList.toggle('kb-hidden', empty);
            const heading = wrapper.previousElementSibling;
            if (heading && heading.tagName === 'H2') {
                heading.classList.toggle('kb-hidden', empty);
            }
        }
        said.textContent = wanted.length > 0 ? `${shown} of ${rows.length}` : '';
    });
})();

(function kbServe() {
    // Written into the page by `kb book serve` only: the version of this page.
    const live = document.querySelector('meta[name="kb-live"]');
    if (!live) {
        return;
    }
    const root = new URL(path_to_root || './', window.location.href);
    let path = decodeURIComponent(window.location.pathname.slice(root.pathname.length));
    if (path === '' || path.endsWith('/')) {
        path += 'index.html';
    }
    async function wait() {
        for (;;) {
            try {
                const asked = new URL('api/changed', root);
                asked.searchParams.set('page', path);
                asked.searchParams.set('version', live.content);
                const answer = await fetch(asked, { cache: 'no-store' });
                if (answer.ok && (await answer.text()) !== live.content) {
                    window.location.reload();
                    return;
                }
                if (!answer.ok) {
                    throw new Error(answer.statusText);
                }
            } catch {
                // The server is gone or starts again.
                await new Promise(done => setTimeout(done, 1000));
            }
        }
    }
    wait();
})();

(function kbMatch() {
    // The page that matches a log brings its own files, and only that page loads them.
    if (!document.getElementById('kb-match')) {
        return;
    }
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = path_to_root + 'match/page.css';
    const script = document.createElement('script');
    script.src = path_to_root + 'match/page.js';
    document.head.append(style, script);
})();
