"use strict";
(function () {
  var all = function (s) { return Array.prototype.slice.call(document.querySelectorAll(s)); };
  var bar = document.querySelector(".bar");
  var say = document.getElementById("say");
  var text = document.getElementById("find"), bad = document.getElementById("bad"), req = document.getElementById("req");
  /* A row or result stays when its words and its state fit. */
  function filter() {
    var words = text.value.toLowerCase(), n = 0;
    all("[data-k]").forEach(function (e) {
      var fits = (!bad.checked || e.dataset.v.indexOf("f") >= 0 || e.dataset.v.indexOf("w") >= 0) &&
        (!req || !req.checked || e.dataset.q === "1") && e.dataset.k.toLowerCase().indexOf(words) >= 0;
      e.hidden = !fits;
      n += fits && e.tagName === "TR" ? 1 : 0;
    });
    say.textContent = n + " rows shown";
  }
  function show(hash) {
    var e = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
    if (e && e.tagName === "DETAILS") { e.hidden = false; e.open = true; e.scrollIntoView(); }
  }
  function copy(button) {
    var pre = button.parentNode.nextElementSibling, range = document.createRange();
    function done() { button.textContent = "Copied"; setTimeout(function () { button.textContent = "Copy"; }, 1500); }
    if (navigator.clipboard) { navigator.clipboard.writeText(pre.textContent).then(done); return; }
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (document.execCommand("copy")) { done(); }
  }
  all("button[data-c]").forEach(function (b) { b.hidden = false; b.addEventListener("click", function () { copy(b); }); });
  if (bar) {
    bar.hidden = false;
    [text, bad, req].forEach(function (e) { if (e) { e.addEventListener("input", filter); } });
    all("button[data-o]").forEach(function (b) {
      b.addEventListener("click", function () { all("details").forEach(function (d) { d.open = b.dataset.o === "1"; }); });
    });
  }
  var before = [];
  addEventListener("beforeprint", function () { before = all("details:not([open])"); before.forEach(function (d) { d.open = true; }); });
  addEventListener("afterprint", function () { before.forEach(function (d) { d.open = false; }); });
  addEventListener("hashchange", function () { show(location.hash); });
  show(location.hash);
})();
