-- A text as a JSON string. Programs in Go have no other characters that JSON wants escaped.
return function(text)
  local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }
  return '"' .. text:gsub('["\\\n\t]', escapes) .. '"'
end
