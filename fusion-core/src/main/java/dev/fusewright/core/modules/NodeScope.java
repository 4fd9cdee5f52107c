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
package dev.fusewright.core.modules;

import dev.fusewright.core.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a node says that it comes from: the module's path, segment by segment, still with the
 * counters by which exporters tell the calls of one module apart.
 *
 * <p>Three ways of saying it are read:
 *
 * <ul>
 *   <li>{@code pkg.torch.onnx.name_scopes}, a list in the node's metadata: {@code ['', 'layer1',
 *       'layer1.0', 'layer1.0.conv1', 'conv2d_1']}, the last but one being the module, with
 *       {@code @1} behind it at the second call;
 *   <li>the node's name, {@code /layer1/layer1.0/conv1/Conv}: a segment of a Sequential's child
 *       repeats that of its parent, and a second call counts up ({@code relu_1});
 *   <li>parameters, {@code layer1.0.conv1.weight} ({@link ParameterScope}).
 * </ul>
 *
 * @param path of the module; empty for the model itself
 * @param operation by which the calls of a module can be told apart where the path does not; may be
 *     empty
 * @param className PyTorch's class of the module where the file names it
 */
record NodeScope(List<String> path, String operation, Optional<String> className) {
  private static final String NAME_SCOPES = "pkg.torch.onnx.name_scopes";
  private static final String CLASSES = "pkg.torch.onnx.class_hierarchy";
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

  NodeScope {
    path = List.copyOf(path);
  }

  static Optional<NodeScope> of(Node node) {
    List<String> scopes = quoted(node.metadata().getOrDefault(NAME_SCOPES, ""));
    if (scopes.size() >= 2) {
      List<String> classes = quoted(node.metadata().getOrDefault(CLASSES, ""));
      String module = scopes.get(scopes.size() - 2);
      return Optional.of(
          new NodeScope(
              module.isEmpty() ? List.of() : List.of(module.replace("@", "_").split("\\.", -1)),
              scopes.get(scopes.size() - 1),
              classes.size() == scopes.size()
                  ? Optional.of(classes.get(classes.size() - 2))
                  : Optional.empty()));
    }
    return node.name().startsWith("/")
        ? Optional.of(new NodeScope(path(node.name()), "", Optional.empty()))
        : Optional.empty();
  }

  /** The strings of a Python list as {@code repr} prints it. */
  private static List<String> quoted(String list) {
    List<String> strings = new ArrayList<>();
    Matcher matcher = QUOTED.matcher(list);
    while (matcher.find()) {
      strings.add(matcher.group(1));
    }
    return strings;
  }

  /** Takes {@code /features/features.1/conv/conv.0/Conv} to features, 1, conv, 0. */
  private static List<String> path(String name) {
    String[] segments = name.substring(1).split("/", -1);
    List<String> path = new ArrayList<>();
    String before = "";
    for (int i = 0; i + 1 < segments.length; i++) {
      String segment = segments[i];
      boolean repeats = !before.isEmpty() && segment.startsWith(before + ".");
      path.add(repeats ? segment.substring(before.length() + 1) : segment);
      before = segment;
    }
    return path;
  }
}
