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
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which attributes of objects all code of an archive only looks something up in. */
final class Lookups {
  private static final Set<String> READING =
      Set.of("torch.__contains__", "torch.__getitem__", "torch.len");

  private final Collection<CodeFile> files;
  private final Map<String, Boolean> known = new HashMap<>();

  Lookups(Collection<CodeFile> files) {
    this.files = files;
  }

  /** Whether a dict of this name stays what it is, wherever it is read. */
  boolean isOnlyLookedUp(String attribute) {
    return known.computeIfAbsent(attribute, this::look);
  }

  private boolean look(String attribute) {
    for (CodeFile file : files) {
      List<Definition> all = new ArrayList<>(file.parsed().functions());
      for (ClassText type : file.parsed().classes()) {
        if (!type.problem().isEmpty()) {
          return false;
        }
        all.addAll(type.methods());
      }
      if (!all.stream().allMatch(one -> one.isUnderstood() && look(one, attribute))) {
        return false;
      }
    }
    return true;
  }

  /** Whether a piece of code reads such an attribute, or a name for it, in lookups alone. */
  private static boolean look(Definition definition, String attribute) {
    Set<Expression> harmless = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<String> names = new HashSet<>();
    List<Statement> open = new ArrayList<>(definition.body());
    Set<Expression> targets = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      Statement next = open.remove(open.size() - 1);
      open.addAll(next.inner());
      if (next instanceof Statement.Assign assign) {
        List<Expression> assigned = new ArrayList<>(assign.targets());
        while (!assigned.isEmpty()) {
          Expression target = assigned.remove(assigned.size() - 1);
          targets.add(target);
          if (target instanceof Expression.Sequence several) {
            assigned.addAll(several.items());
          }
        }
        if (isRead(assign.value(), attribute)
            && assign.targets().get(0) instanceof Expression.Name name) {
          names.add(name.id());
          harmless.add(name);
          harmless.add(assign.value());
        }
      }
    }
    List<Expression> parts = Statement.allExpressions(definition.body());
    for (Expression part : parts) {
      if (part instanceof Expression.Subscript item && !targets.contains(item)) {
        harmless.add(item.base());
      } else if (part instanceof Expression.Call call
          && READING.contains(call.function().dotted())
          && !call.arguments().isEmpty()) {
        harmless.add(call.arguments().get(0));
      }
    }
    return parts.stream()
        .allMatch(
            part ->
                harmless.contains(part)
                    || !(isRead(part, attribute)
                        || (part instanceof Expression.Name name && names.contains(name.id()))
                        || (part instanceof Expression.Literal literal
                            && attribute.equals(literal.value()))));
  }

  private static boolean isRead(Expression part, String attribute) {
    return part instanceof Expression.Attribute read && read.name().equals(attribute);
  }
}
