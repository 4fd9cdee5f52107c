/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The code after edits of objects. A class whose objects are all edited alike is edited where it
 * stands; otherwise those that differ get a copy of it under a new name, and so, in turn, do the
 * classes of the objects that hold them.
 */
final class ClassEdits {
  private static final String MANGLE = "___torch_mangle_";
  private static final Pattern MANGLED = Pattern.compile(MANGLE + "([0-9]{1,9})");
  private static final Pattern CONSTANT = Pattern.compile("\\bCONSTANTS\\.c([0-9]{1,8})\\b");

  private final ScriptArchive archive;
  private final Map<Pickled.Instance, Edits> edits;
  private final TreeEdit tree;
  private final Map<String, List<Pickled.Instance>> instances = new LinkedHashMap<>();
  private final Map<String, Set<Splice>> inPlace = new TreeMap<>();
  private final Map<String, String> added = new LinkedHashMap<>();
  private final Map<String, String> origins = new HashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();
  private final IdentityHashMap<Pickled.Instance, String> renamed = new IdentityHashMap<>();
  private int nextMangle;
  private @Nullable String problem;

  ClassEdits(ScriptArchive archive, Map<Pickled.Instance, Edits> edits, TreeEdit tree) {
    this.archive = archive;
    this.edits = edits;
    this.tree = tree;
  }

  /** Why the code cannot be edited so. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** The code that is other code now, by the names of records; with those that are new. */
  Map<String, String> files() {
    return files;
  }

  /** The record behind which a new one stands. */
  String originOf(String record) {
    return origins.getOrDefault(record, record);
  }

  /** Makes the edits. */
  void make() {
    gather(archive.objects(), new IdentityHashMap<>());
    for (CodeFile file : archive.files().values()) {
      Matcher matcher = MANGLED.matcher(file.text());
      while (matcher.find()) {
        nextMangle = Math.max(nextMangle, Integer.parseInt(matcher.group(1)) + 1);
      }
    }
    instances.forEach(this::edit);
    inPlace.forEach(
        (record, splices) -> {
          CodeFile file = archive.files().get(record);
          if (file != null && !splices.isEmpty()) {
            files.put(record, Splice.apply(file.text(), 0, file.text().length(), splices));
          }
        });
    files.putAll(added);
  }

  /** Objects by their classes, those that are held before those that hold them. */
  private void gather(Pickled value, Map<Pickled, Boolean> seen) {
    if (seen.put(value, true) != null) {
      return;
    }
    if (value instanceof Pickled.Instance object) {
      object.attributes().forEach(entry -> gather(entry.value(), seen));
      List<Pickled.Instance> same =
          instances.computeIfAbsent(object.className(), key -> new ArrayList<>());
      same.add(object);
    } else if (value instanceof Pickled.Sequence list) {
      list.items().forEach(item -> gather(item, seen));
    } else if (value instanceof Pickled.Tuple tuple) {
      tuple.items().forEach(item -> gather(item, seen));
    } else if (value instanceof Pickled.Mapping map) {
      map.entries().forEach(entry -> gather(entry.value(), seen));
    }
  }

  private void edit(String name, List<Pickled.Instance> objects) {
    CodeFile.PlacedClass type = archive.classes().get(name);
    if (type == null) {
      return;
    }
    Map<Set<Splice>, List<Pickled.Instance>> groups = new LinkedHashMap<>();
    for (Pickled.Instance object : objects) {
      groups.computeIfAbsent(splices(object, type), key -> new ArrayList<>()).add(object);
    }
    Set<Splice> kept =
        groups.containsKey(Set.<Splice>of()) ? Set.of() : groups.keySet().iterator().next();
    groups.forEach(
        (splices, same) -> {
          if (splices.equals(kept)) {
            inPlace.computeIfAbsent(type.file().record(), key -> new TreeSet<>()).addAll(splices);
          } else {
            copy(type, splices, same);
          }
        });
  }

  /** The edits of an object's class, with those that its own objects' new classes need. */
  private Set<Splice> splices(Pickled.Instance object, CodeFile.PlacedClass type) {
    Set<Splice> splices = new TreeSet<>();
    Edits own = edits.get(object);
    if (own != null) {
      splices.addAll(own.splices());
    }
    for (Pickled.Entry entry : object.attributes()) {
      boolean isHeld = entry.value() instanceof Pickled.Instance;
      String other = isHeld ? renamed.get(entry.value()) : null;
      if (other == null) {
        if (!isHeld && holdsRenamed(entry.value())) {
          problem = "an object in a list would need another class";
        }
        continue;
      }
      ClassText.Field field = type.text().field(entry.name());
      String old = ((Pickled.Instance) entry.value()).className();
      if (field == null
          || !type.file().slice(field.type().start(), field.type().end()).equals(old)) {
        problem = "'%s' is declared as something else than its class".formatted(entry.name());
        continue;
      }
      splices.add(new Splice(field.type().start(), field.type().end(), other));
    }
    return splices;
  }

  private boolean holdsRenamed(Pickled value) {
    List<Pickled> items =
        value instanceof Pickled.Sequence list
            ? list.items()
            : value instanceof Pickled.Tuple tuple ? tuple.items() : List.of();
    return items.stream().anyMatch(renamed::containsKey);
  }

  private void copy(CodeFile.PlacedClass type, Set<Splice> splices, List<Pickled.Instance> same) {
    if (same.contains(archive.objects())) {
      problem = "the root's class is another object's too";
      return;
    }
    String old = type.qualified();
    String module = type.file().module();
    int last = module.lastIndexOf('.');
    String base =
        module.substring(last + 1).startsWith(MANGLE) ? module.substring(0, last) : module;
    String mangled = base + "." + MANGLE + nextMangle++;
    String name = mangled + "." + type.text().name();
    if (isNamedElsewhere(old, type)) {
      problem = "the class '%s' is named where it cannot be another".formatted(old);
      return;
    }
    String text = Splice.apply(type.file().text(), type.text().start(), type.text().end(), splices);
    String record =
        archive.folder().root() + ScriptArchive.CODE + mangled.replace('.', '/') + ".py";
    added.put(record, mention(old).matcher(text).replaceAll(Matcher.quoteReplacement(name)));
    origins.put(record, type.file().record());
    for (Pickled.Instance object : same) {
      renamed.put(object, name);
      Pickled.Instance other =
          new Pickled.Instance(
              TreeEdit.memoized(new Pickled.Global(mangled, type.text().name())),
              object.arguments());
      Pickled state = object.state();
      if (state != null) {
        other.build(state);
      }
      if (object.isMemoized()) {
        other.memoize();
      }
      tree.replace(object, other);
    }
  }

  private static Pattern mention(String qualified) {
    return Pattern.compile("(?<![A-Za-z0-9_.])" + Pattern.quote(qualified) + "(?![A-Za-z0-9_.])");
  }

  /** Whether anything but the class itself and declarations of attributes names it. */
  private boolean isNamedElsewhere(String qualified, CodeFile.PlacedClass own) {
    Pattern mention = mention(qualified);
    for (CodeFile file : archive.files().values()) {
      Set<Integer> declared = new LinkedHashSet<>();
      for (ClassText type : file.parsed().classes()) {
        type.fields().forEach(field -> declared.add(field.type().start()));
      }
      Matcher matcher = mention.matcher(file.text());
      while (matcher.find()) {
        boolean isOwn =
            file == own.file()
                && matcher.start() >= own.text().start()
                && matcher.start() < own.text().end();
        if (!isOwn && !declared.contains(matcher.start())) {
          return true;
        }
      }
    }
    return false;
  }

  // ------------------------------------------------------------ constants

  /** Leaves out the constants that no code names, and gives the others their new numbers. */
  List<Pickled> renumbered(List<Pickled> constants) {
    Set<Integer> named = new TreeSet<>();
    Map<String, String> texts = new LinkedHashMap<>();
    archive.files().forEach((record, file) -> texts.put(record, file.text()));
    texts.putAll(files);
    for (String text : texts.values()) {
      Matcher matcher = CONSTANT.matcher(text);
      while (matcher.find()) {
        named.add(Integer.parseInt(matcher.group(1)));
      }
    }
    List<Pickled> kept = new ArrayList<>();
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int number : named) {
      if (number < constants.size()) {
        numbers.put(number, kept.size());
        kept.add(constants.get(number));
      }
    }
    texts.forEach(
        (record, text) -> {
          String changed =
              CONSTANT
                  .matcher(text)
                  .replaceAll(
                      found -> {
                        int old = Integer.parseInt(found.group(1));
                        return "CONSTANTS.c" + numbers.getOrDefault(old, old);
                      });
          if (!changed.equals(text)) {
            files.put(record, changed);
          }
        });
    return kept;
  }
}
