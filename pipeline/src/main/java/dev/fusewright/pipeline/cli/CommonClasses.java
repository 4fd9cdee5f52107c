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
package dev.fusewright.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads the classes that commands need, by running them on a small model: those on single files, or
 * a run over a catalogue. The launcher starts it once, with a JVM that keeps an archive of its
 * classes for later starts.
 */
public final class CommonClasses {
  private static final String MODEL =
      """
      <ir_version: 8, opset_import: ["" : 13]>
      g (float[N,3,8,8] x) => (float[N,4,6,6] z)
         <float[4,3,3,3] w = fill(0.5),
          float[4] b = fill(0.25),
          float[4] scale = {1.5, 0.5, 2, 1},
          float[4] shift = fill(0.125),
          float[4] mean = fill(0.5),
          float[4] var = fill(1)>
      {
         c = Conv (x, w, b)
         n = BatchNormalization (c, scale, shift, mean, var)
         z = Relu (n)
      }
      """;

  private CommonClasses() {}

  /**
   * Runs the commands.
   *
   * @param arguments a folder for their files, and which: {@code commands} on single files, or a
   *     {@code run}
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path text = Files.writeString(folder.resolve("model.txt"), MODEL);
    Path model = folder.resolve("model.onnx");
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    List<List<String>> commands =
        new ArrayList<>(
            List.of(List.of("fuse", text.toString(), "-o", model.toString(), "--verify", "site")));
    commands.addAll(arguments[1].equals("run") ? run(folder) : onSingleFiles(text, model, folder));
    for (List<String> command : commands) {
      Fusewright.execute(nowhere, nowhere, command.toArray(String[]::new));
    }
    System.exit(0);
  }

  private static List<List<String>> onSingleFiles(Path text, Path model, Path folder) {
    Path fused = folder.resolve("fused.onnx");
    return List.of(
        List.of("inspect", model.toString()),
        List.of("inspect", model.toString(), "--json"),
        List.of("fuse", text.toString(), "-o", fused.toString(), "--verify", "none"),
        List.of("show", model.toString()),
        List.of("diff", text.toString(), fused.toString()));
  }

  private static List<List<String>> run(Path folder) throws IOException {
    Path catalogue =
        Files.writeString(
            folder.resolve("catalogue.jsonl"), "{\"id\": \"model\", \"uri\": \"model.onnx\"}\n");
    return List.of(List.of("run", "--catalogue=" + catalogue, "--output=" + folder.resolve("out")));
  }
}
