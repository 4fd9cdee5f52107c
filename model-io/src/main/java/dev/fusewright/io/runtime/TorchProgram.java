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
package dev.fusewright.io.runtime;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A Python that has torch, with the script that serves requests. Neither its environment, its
 * user's packages nor the working directory has a say in what it imports.
 *
 * @param python its executable
 */
record TorchProgram(Path python) implements RunnerProgram {
  private static final String SCRIPT = "torch_runner.py";

  @Override
  public String runtime() {
    return "PyTorch";
  }

  @Override
  public List<String> command(RunnerOptions options, Path scratch) throws IOException {
    Path script = scratch.resolve(SCRIPT);
    try (InputStream in = TorchProgram.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new FileNotFoundException(SCRIPT + " is not among the resources");
      }
      Files.copy(in, script);
    }
    return List.of(
        python.toString(),
        "-I",
        "-B",
        script.toString(),
        Long.toString(options.heapBytes()),
        Integer.toString(options.threads()));
  }
}
